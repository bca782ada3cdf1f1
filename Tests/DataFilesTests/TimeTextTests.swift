import DataFiles
import Events
import Testing

@Suite("times")
struct TimeTextTests {
    private func parse(_ text: String, _ format: TimeFormat = .auto) -> TimeText.Time? {
        TimeText.parse(Array(text.utf8)[...], as: format)
    }

    // Expected values by GNU date.
    @Test(
        "of every format are the instant that they name",
        arguments: [
            ("2012-04-03T18:00:09Z", 1_333_476_009_000),
            ("2012-04-03 18:00:09", 1_333_476_009_000),
            ("2012-04-03 18:00:09+00:00", 1_333_476_009_000),
            ("2012-04-03T14:00:09-04:00", 1_333_476_009_000),
            ("2012-04-03T23:30:09.5+0530", 1_333_476_009_500),
            ("2012-04-03T18:00:09.123456Z", 1_333_476_009_123),
            ("2012-04-03T18:00Z", 1_333_476_000_000),
            ("2012-04-03", 1_333_411_200_000),
            ("Tue Apr 03 18:00:09 +0000 2012", 1_333_476_009_000),
            ("Tue Apr 03 14:00:09 -0400 2012", 1_333_476_009_000),
            ("1333476009", 1_333_476_009_000),
            ("1333476009.25", 1_333_476_009_250),
            ("1333476009000", 1_333_476_009_000),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2099-12-31T23:59:59Z", 4_102_444_799_000),
            ("1700-03-01T00:00:00Z", -8_515_238_400_000),
        ]
    )
    func instants(text: String, milliseconds: Int64) {
        #expect(parse(text)?.instant.millisecondsSinceEpoch == milliseconds)
    }

    @Test(
        "of days, hours and zones that there are not are none",
        arguments: [
            "", "yesterday", "2012-02-30", "2011-02-29T00:00:00Z", "1900-02-29", "2012-13-01",
            "2012-04-03T24:00:00Z", "2012-04-03T18:60:00Z", "2012-04-03T18:00:61Z",
            "2012-04-03T18:00:09X", "2012-04-03T18:00:09+15:00", "2012-04-03T18:00:09.Z",
            "2012-4-3", "Tue Foo 03 18:00:09 +0000 2012", "NaN", "03/04/2012",
        ]
    )
    func refused(text: String) {
        #expect(parse(text) == nil)
    }

    @Test("hold their own offset, but for +00:00, which only says UTC")
    func offsets() {
        #expect(parse("2012-04-03T14:00:09-04:00")?.utcOffsetMinutes == -240)
        #expect(parse("2012-04-03T14:00:09+00:00")?.utcOffsetMinutes == nil)
        #expect(parse("2012-04-03T14:00:09+00:00")?.hasZone == true)
        #expect(parse("2012-04-03T14:00:09")?.hasZone == false)
    }

    @Test("of a given format are not taken for another")
    func formats() {
        #expect(parse("20120403", .epochMilliseconds)?.instant.millisecondsSinceEpoch == 20_120_403)
        #expect(
            parse("100000000001", .epochSeconds)?.instant.millisecondsSinceEpoch
                == 100_000_000_001_000
        )
        #expect(parse("1333476009", .iso8601) == nil)
        #expect(parse("2012-04-03", .foursquare) == nil)
        #expect(parse("999999999999999999", .epochSeconds) == nil)
    }
}
