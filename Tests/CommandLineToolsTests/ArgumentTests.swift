import CommandLineTools
import Testing

@Suite("times on the command line")
struct TimeArgumentTests {
    private let now: Int64 = 1_700_000_000_000

    @Test(
        arguments: [
            ("now", 0), ("-90s", -90_000), ("-30m", -1_800_000), ("-2h", -7_200_000),
            ("-7d", -604_800_000), ("-1w", -604_800_000), ("+1h", 3_600_000),
        ] as [(String, Int64)]
    )
    func `distances count from now`(text: String, distance: Int64) {
        #expect(TimeArgument(text, now: now) == TimeArgument(milliseconds: now + distance))
    }

    @Test func `RFC 3339 keeps its offset`() {
        #expect(
            TimeArgument("2013-02-15T20:26:00-05:00", now: now)
                == TimeArgument(milliseconds: 1_360_977_960_000, utcOffsetMinutes: -300)
        )
        #expect(
            TimeArgument("2013-02-16T01:26:00Z", now: now)
                == TimeArgument(milliseconds: 1_360_977_960_000, utcOffsetMinutes: 0)
        )
    }

    @Test func `a plain number is seconds since 1970`() {
        #expect(
            TimeArgument("1360977960", now: now) == TimeArgument(milliseconds: 1_360_977_960_000)
        )
    }

    @Test(arguments: [
        "", "soon", "-h", "-2y", "--2h", "2013-02-30T00:00:00Z", "-9999999999999999w",
    ])
    func `anything else is no time`(text: String) {
        #expect(TimeArgument(text, now: now) == nil)
    }

    @Test func `a printed time reads back`() {
        for offset in [-300, 0, 330] {
            let text = Readable.time(milliseconds: 1_360_977_960_000, utcOffsetMinutes: offset)
            let time = TimeArgument(text, now: now)
            #expect(time?.milliseconds == 1_360_977_960_000, "\(text)")
            #expect(time?.utcOffsetMinutes == offset, "\(text)")
        }
    }
}

@Suite("places on the command line")
struct PlaceArgumentTests {
    @Test func `latitude comes first`() {
        let place = PlaceArgument("-33.9, 151.2")
        #expect(place?.latitudeDegrees == -33.9)
        #expect(place?.longitudeDegrees == 151.2)
    }

    @Test(arguments: ["", "40.7", "40.7,-73.9,1", "here,there", "40,7;8"])
    func `anything else is no place`(text: String) {
        #expect(PlaceArgument(text) == nil)
    }
}
