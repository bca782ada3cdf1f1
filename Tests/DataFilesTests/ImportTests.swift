import DataFiles
import Events
import Testing

@Suite("import")
struct ImportTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func outcomes(_ reader: ImportReader) throws -> [ImportOutcome] {
        var found: [ImportOutcome] = []
        while let outcome = try reader.next() { found.append(outcome) }
        return found
    }

    private func outcomes(
        _ text: String,
        _ name: String = "rows.csv",
        mapping: ColumnMapping = ColumnMapping()
    ) throws -> [ImportOutcome] {
        try outcomes(ImportReader(path: scratch.write(text, name), mapping: mapping))
    }

    private func rows(_ outcomes: [ImportOutcome]) -> [ImportRow] {
        outcomes.compactMap { if case .row(let row) = $0 { row } else { nil } }
    }

    private func mapping(_ json: String) throws -> ColumnMapping {
        try ColumnMapping.parse(Array(json.utf8), path: "mapping.json")
    }

    private func refused(_ outcomes: [ImportOutcome]) -> [RefusedRow] {
        outcomes.compactMap { if case .refused(let row) = $0 { row } else { nil } }
    }

    @Test(
        "takes the usual column names without a mapping",
        arguments: [
            "user_id,item_id,latitude,longitude,category,time,timezone",
            "User,POI_id,lat,lng,POI_catname,UTC_time,utc_offset_minutes",
            "uid;venue;Latitude;Lon;venueCategory;timestamp;tz",
            "userId\titem\tLAT\tlong\tCategory\tdatetime\ttimezoneOffset",
        ]
    )
    func usualNames(header: String) throws {
        let delimiter = header.first { ",;\t".contains($0) } ?? ","
        let values = ["7", "v1", "40.5", "-74.25", "Bar", "2012-04-03 18:00:09", "-240"]
        let text = header + "\n" + values.joined(separator: String(delimiter)) + "\n"
        let row = try #require(rows(outcomes(text)).first)
        let place = Place(latitudeDegrees: 40.5, longitudeDegrees: -74.25)
        #expect(
            row.event
                == Event(
                    user: "7",
                    item: "v1",
                    action: "checkin",
                    instant: Instant(secondsSinceEpoch: 1_333_476_009),
                    utcOffsetMinutes: -240,
                    place: place
                )
        )
        #expect(row.item == Item(id: "v1", category: "Bar", place: place))
        #expect(row.rowNumber == 1)
        #expect(row.lineNumber == 2)
        #expect(row.byteOffset == header.utf8.count + 1)
    }

    @Test("reads JSON lines as it reads CSV")
    func jsonLines() throws {
        let text = """
            {"user":"ü","item":{"id":1},"time":1333476009,"action":"buy","tags":["a","b"],"x":null}
            {"action":"search","query":"coffee \\u0026 \\ud83d\\ude00","user":"u2","time":1333476010}
            """
        var columns = ColumnMapping()
        columns.columns = [.item: "item.id"]
        let found = try rows(outcomes(text, "rows.jsonl", mapping: columns))
        #expect(
            found.map(\.event) == [
                Event(
                    user: "ü",
                    item: "1",
                    action: "buy",
                    instant: Instant(secondsSinceEpoch: 1_333_476_009),
                    context: Context(tags: ["a", "b"])
                ),
                Event(
                    user: "u2",
                    item: "",
                    action: "search",
                    instant: Instant(secondsSinceEpoch: 1_333_476_010),
                    queryText: "coffee & 😀"
                ),
            ]
        )
    }

    @Test("maps a file without header, with constants and a time of its own format")
    func foursquareDump() throws {
        let text =
            "470\t49bbd6c0\t4bf58dd8\tArts & Crafts Store\t40.7198\t-74.0025\t-240\t"
            + "Tue Apr 03 18:00:09 +0000 2012\n"
        let mapping = try mapping(
            """
            {"header": ["u", "v", "c", "cat", "la", "lo", "off", "when"],
             "columns": {"user": "u", "item": "v", "category": "cat", "latitude": "la",
                         "longitude": "lo", "utc_offset_minutes": "off", "time": "when"},
             "constants": {"action": "visit"}, "time_format": "foursquare",
             "coordinates": "item", "delimiter": "\\t"}
            """
        )
        let row = try #require(rows(outcomes(text, "dump.txt", mapping: mapping)).first)
        #expect(row.event.action == "visit")
        #expect(row.event.instant == Instant(secondsSinceEpoch: 1_333_476_009))
        #expect(row.event.place == nil)
        #expect(row.item?.place?.latitudeDegrees == 40.7198)
        #expect(row.lineNumber == 1)
    }

    @Test(
        "reads clocks and zones as the mapping says",
        arguments: [
            ("-240", 1_333_476_009, -240), ("-04:00", 1_333_476_009, -240),
            ("-0400", 1_333_476_009, -240), ("-240.0", 1_333_476_009, -240),
            ("America/New_York", 1_333_476_009, -240), ("", 1_333_461_609, 0),
        ]
    )
    func localTimes(zone: String, seconds: Int64, offset: Int) throws {
        let mapping = try mapping(#"{"time_is": "local"}"#)
        let text = "user,item,time,tz\nu,i,2012-04-03 14:00:09,\(zone)\n"
        let row = try #require(rows(outcomes(text, mapping: mapping)).first)
        #expect(row.event.instant == Instant(secondsSinceEpoch: seconds))
        #expect(row.event.utcOffsetMinutes == offset)
    }

    @Test("gives an item once, and again when its name or category changes")
    func items() throws {
        let text = """
            user,item,time,name,category
            a,i,1,Joe's,Bar
            b,i,2,Joe's,Bar
            c,i,3,Joe's,Cafe
            d,j,4,Joe's,Cafe
            """
        #expect(try rows(outcomes(text)).map { $0.item?.category } == ["Bar", nil, "Cafe", "Cafe"])
    }

    @Test(
        "goes on after any row as if it had never stopped",
        arguments: [Compression.none, .gzip, .xz, .zstandard],
        ["rows.csv", "rows.jsonl"]
    )
    func resume(_ compression: Compression, name: String) throws {
        let isCSV = name.hasSuffix("csv")
        var text = isCSV ? "user,item,time,name\n" : ""
        for row in 0..<40 {
            let time = row % 7 == 3 ? "never" : String(1_333_476_009 + row)
            text +=
                isCSV
                ? "u\(row),i\(row),\(time),\"two\nlines\"\n"
                : "{\"user\":\"u\(row)\",\"item\":\"i\(row)\",\"time\":\"\(time)\"}\n"
        }
        let path = try scratch.write(text, name, as: compression)
        let reader = try ImportReader(path: path)
        var positions = [reader.position]
        var whole: [ImportOutcome] = []
        while let outcome = try reader.next() {
            whole.append(outcome)
            positions.append(reader.position)
        }
        #expect(whole.count == 40)
        for (count, position) in positions.enumerated() {
            let later = try ImportReader(path: path, from: position)
            #expect(try outcomes(later) == Array(whole[count...]), "after row \(count)")
        }
    }

    @Test("a real file loses no row", .enabled(if: SharedData.folder != nil, "needs shared data"))
    func realFile() throws {
        let folder = SharedData.folder ?? ""
        let reader = try ImportReader(path: "\(folder)/foursquare-nyc/checkins_min10.csv.xz")
        var ledger = ImportLedger()
        while let outcome = try reader.next() { ledger.record(outcome) }
        #expect(ledger.eventCount == 147_864)
        #expect(ledger.refusedCount == 0, "\(ledger.firstRefused)")
        #expect(ledger.itemCount >= 5_135)
    }
}
