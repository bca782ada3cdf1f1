import DataFiles
import Foundation
import Testing

@Suite("bad input to an import")
struct BadImportTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var row: [UInt8]
        var rule: ImportRule
        var column: String
        var testDescription: String { name }

        init(_ name: String, _ row: String, _ rule: ImportRule, _ column: String) {
            (self.name, self.row, self.rule, self.column) = (name, Array(row.utf8), rule, column)
        }
    }

    private static let header = "user_id,item_id,time,lat,lon,tz,action,rating,item_name\n"
    private static let good = "u,i,2012-04-03T18:00:09Z,40.7,-74,-240,checkin,4.5,Joe's\n"
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let cases: [Case] = {
        let long = String(repeating: "é", count: 129)
        var latin = Case("Latin-1", "u,i,1,1,1,0,x,1,Caf?", .invalidUTF8, "item_name")
        latin.row[latin.row.count - 1] = 0xE9
        return [
            Case("latitude 91", "u,i,1,91,1,0,x,1,n", .outOfRange, "lat"),
            Case("longitude -181", "u,i,1,1,-181,0,x,1,n", .outOfRange, "lon"),
            Case("latitude NaN", "u,i,1,NaN,1,0,x,1,n", .badNumber, "lat"),
            Case("one coordinate", "u,i,1,1,,0,x,1,n", .empty, "lon"),
            Case("year 1700", "u,i,1700-01-01T00:00:00Z,1,1,0,x,1,n", .outOfRange, "time"),
            Case("year 2100", "u,i,2100-01-01T00:00:00Z,1,1,0,x,1,n", .outOfRange, "time"),
            Case("no time", "u,i,,1,1,0,x,1,n", .empty, "time"),
            Case("a word for a time", "u,i,soon,1,1,0,x,1,n", .badTime, "time"),
            Case("no user", ",i,1,1,1,0,x,1,n", .empty, "user_id"),
            Case("a user of 258 bytes", "\(long),i,1,1,1,0,x,1,n", .tooLong, "user_id"),
            Case("a name of 258 bytes", "u,i,1,1,1,0,x,1,\(long)", .tooLong, "item_name"),
            Case("no action", "u,i,1,1,1,0,,1,n", .empty, "action"),
            Case("offset 900", "u,i,1,1,1,900,x,1,n", .outOfRange, "tz"),
            Case("offset 1e17", "u,i,1,1,1,1e17,x,1,n", .outOfRange, "tz"),
            Case("year 30,000,000", "u,i,9e17,1,1,Asia/Tokyo,x,1,n", .outOfRange, "time"),
            Case("no such zone", "u,i,1,1,1,Mars/Base,x,1,n", .badNumber, "tz"),
            Case("infinite value", "u,i,1,1,1,0,x,inf,n", .badNumber, "rating"),
            Case("a NUL byte", "u\0,i,1,1,1,0,x,1,n", .nulByte, "user_id"),
            Case("too few fields", "u,i,1", .fieldCount, ""),
            Case("too many fields", "u,i,1,1,1,0,x,1,n,m", .fieldCount, ""),
            Case("an open quote", "u,\"i,1,1,1,0,x,1,n", .brokenQuotes, ""),
            Case("text after a quote", "u,\"i\"j,1,1,1,0,x,1,n", .brokenQuotes, ""),
            Case(
                "a line of 70,000 bytes",
                "u,\(String(repeating: "x", count: 70_000)),1",
                .lineTooLong,
                ""
            ),
            latin,
        ]
    }()

    @Test(
        "is refused with line, column, rule, reason and remedy; its neighbours are taken",
        arguments: cases
    )
    func row(_ bad: Case) throws {
        let bytes = Array((Self.header + Self.good).utf8) + bad.row + [0x0A] + Array(Self.good.utf8)
        let reader = try ImportReader(path: scratch.write(bytes, "bad.csv"))
        var ledger = ImportLedger()
        while let outcome = try reader.next() { ledger.record(outcome) }
        #expect(ledger.rowCount == 3)
        #expect(ledger.eventCount == 2)
        #expect(ledger.refusedCounts == [bad.rule: 1])
        let refused = try #require(ledger.firstRefused.first)
        #expect(refused.lineNumber == 3)
        #expect(refused.rowNumber == 2)
        #expect(refused.byteOffset == Self.header.utf8.count + Self.good.utf8.count)
        #expect(refused.column == bad.column)
        #expect(!refused.reason.isEmpty && !refused.remedy.isEmpty)
        #expect(refused.value.count <= RefusedRow.maxValueCharacters + 10)
        let line = try refused.jsonLine()
        let decoded = try JSONDecoder().decode(RefusedRow.self, from: Data(line))
        #expect(decoded == refused)
        #expect(line.count { $0 == 0x0A } == 1)
    }

    @Test(
        "a local time with an offset that no clock has is refused by its column",
        arguments: ["1e17", "-1e17", "9e18", "841"]
    )
    func localOffset(offset: String) throws {
        let text = "user,item,time,tz\nu,i,2012-04-03 14:00:09,\(offset)\n"
        let mapping = try ColumnMapping.parse(Array(#"{"time_is": "local"}"#.utf8), path: "m.json")
        let reader = try ImportReader(path: scratch.write(text, "local.csv"), mapping: mapping)
        guard case .refused(let row)? = try reader.next() else {
            Issue.record("an offset of \(offset) minutes was taken")
            return
        }
        #expect(row.rule == .outOfRange && row.column == "tz")
        #expect(!row.reason.isEmpty && row.remedy.contains("Greenwich"))
    }

    @Test(
        "a JSON line that is none is refused at its byte",
        arguments: [
            "{\"user\":\"u\"", "[1,2]", "{\"user\":NaN,\"item\":\"i\",\"time\":1}",
            "{\"user\":\"u\",}", "{\"user\":01}", "{\"user\":\"\\ud800\"}", "{} x",
            "{\"a\":1 \"b\":2}",
            String(repeating: "{\"a\":", count: 40) + "1" + String(repeating: "}", count: 40),
        ]
    )
    func json(line: String) throws {
        let good = "{\"user\":\"u\",\"item\":\"i\",\"time\":1333476009}\n"
        let path = try scratch.write(good + line + "\n" + good, "bad.jsonl")
        let reader = try ImportReader(path: path)
        var ledger = ImportLedger()
        while let outcome = try reader.next() { ledger.record(outcome) }
        #expect(ledger.eventCount == 2)
        #expect(ledger.refusedCounts == [.brokenJSON: 1])
    }

    @Test("missing columns are named, with those found and the mapping to write")
    func missingColumns() throws {
        let path = try scratch.write("who,what,when\na,b,c\n", "strange.csv")
        let error = DataFileError.of { _ = try ImportReader(path: path) }
        #expect(error?.code == .missingColumns)
        #expect(error?.problem.contains("user, item, time") == true)
        #expect(error?.problem.contains("who, what, when") == true)
        #expect(error?.remedy.contains("\"user\": \"<your column>\"") == true)
    }

    @Test(
        "an empty file is an error, one with a header alone has no rows",
        arguments: [
            ("", true), ("\n\n", true), ("\u{FEFF}", true), ("user,item,time\n", false),
        ]
    )
    func empty(text: String, isError: Bool) throws {
        let path = try scratch.write(text, "empty.csv")
        let error = DataFileError.of {
            let outcome = try ImportReader(path: path).next()
            #expect(outcome == nil)
        }
        #expect(error?.code == (isError ? .empty : nil))
    }

    @Test(
        "a mapping that names what is not there is refused by name",
        arguments: [
            ("{\"columns\": {\"usr\": \"a\"}}", "usr"), ("{\"colums\": {}}", "colums"),
            ("{\"columns\": {\"user\": \"nobody\"}}", "nobody"),
            ("{\"time_format\": \"noon\"}", "time_format"),
            ("{\"delimiter\": \"ab\"}", "delimiter"),
            ("[]", "object"), ("{", "object"),
        ]
    )
    func badMapping(json: String, word: String) throws {
        let rows = try scratch.write("user,item,time\nu,i,1\n", "rows.csv")
        let path = try scratch.write(json, "mapping.json")
        let error = DataFileError.of {
            _ = try ImportReader(path: rows, mapping: ColumnMapping.read(path))
        }
        #expect(error?.code == .badMapping)
        #expect(error?.problem.contains(word) == true)
    }

    @Test("random bytes crash nothing and each line comes out once", arguments: 0..<30)
    func noise(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let alphabet = Array("\"\n\r,{}[]:\\u0nt-1e.\u{00e9}".utf8) + [0, 0xFF]
        let noise = (0..<4_000).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
        for name in ["noise.csv", "noise.jsonl"] {
            let head =
                name.hasSuffix("csv") ? "user,item,time\n" : "{\"user\":1,\"item\":1,\"time\":1}\n"
            let reader = try ImportReader(path: scratch.write(Array(head.utf8) + noise, name))
            var last = 0
            while let outcome = try reader.next() {
                let row =
                    switch outcome {
                    case .row(let row): row.rowNumber
                    case .refused(let row): row.rowNumber
                    }
                #expect(row == last + 1, "seed \(seed)")
                last = row
            }
            #expect(last > 0, "seed \(seed)")
        }
    }
}
