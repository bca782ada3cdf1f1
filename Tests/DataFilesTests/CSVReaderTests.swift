import DataFiles
import Testing

@Suite("CSV")
struct CSVReaderTests {
    private struct Found: Equatable {
        var rows: [[String]] = []
        var lineNumbers: [Int] = []
        var broken: [Int] = []
    }

    private func read(
        _ text: String,
        delimiter: Character = ",",
        hasHeader: Bool = false
    ) throws -> Found {
        let lines = try LineReader(bytes: Array(text.utf8), path: "memory")
        let reader = try CSVReader(
            lines: lines,
            delimiter: delimiter.asciiValue ?? 0,
            hasHeader: hasHeader
        )
        var found = Found()
        var row = CSVRow()
        while true {
            switch try reader.nextOutcome(&row) {
            case .end: return found
            case .broken(let broken): found.broken.append(broken.line.number)
            case .row:
                found.rows.append(row.fields)
                found.lineNumbers.append(row.lineNumber)
            }
        }
    }

    @Test("reads quotes, doubled quotes, empty fields and line ends inside quotes")
    func fields() throws {
        let found = try read(
            "a,\"b,c\",\"say \"\"hi\"\"\"\r\n,,\r\n\n\"two\r\nlines\nand more\",x,\"\"\n"
        )
        #expect(
            found.rows == [
                ["a", "b,c", "say \"hi\""], ["", "", ""], ["two\r\nlines\nand more", "x", ""],
            ]
        )
        #expect(found.lineNumbers == [1, 2, 4])
    }

    @Test("gives back any table that was written by its rules", arguments: 0..<40)
    func roundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let alphabet = ["a", "é", "\"", ",", ";", "\n", "\r\n", " ", "日本", "\"\"", "\t"]
        let width = Int.random(in: 2...5, using: &generator)
        let table = (0..<60).map { _ in
            (0..<width).map { _ in
                (0..<Int.random(in: 0...6, using: &generator))
                    .map { _ in alphabet.randomElement(using: &generator) ?? "" }.joined()
            }
        }
        for delimiter in [",", ";", "\t"] {
            let text = table.map { row in
                row.map { "\"" + quoted($0) + "\"" }.joined(separator: delimiter)
            }.joined(separator: seed % 2 == 0 ? "\n" : "\r\n")
            let found = try read(text, delimiter: Character(delimiter))
            #expect(found.rows == table, "seed \(seed), delimiter \(delimiter)")
        }
    }

    private func quoted(_ text: String) -> String {
        String(
            text.unicodeScalars.flatMap { $0 == "\"" ? ["\"", "\""] : [$0] }
                .reduce(into: String.UnicodeScalarView()) { $0.append($1) }
        )
    }

    @Test("a lost quote costs its own line and no other")
    func lostQuote() throws {
        let good = (1...300).map { "u\($0),i\($0)" }
        var lines = good
        lines.insert("\"open,x", at: 150)
        let found = try read(lines.joined(separator: "\n"))
        #expect(found.broken == [151])
        #expect(found.rows.map { $0.joined(separator: ",") } == good)
        #expect(try read("a,b\n\"open").broken == [2])
        #expect(
            try read("\"a\"b,c\nd,e") == Found(rows: [["d", "e"]], lineNumbers: [2], broken: [1])
        )
    }

    @Test("a file that must be whole names the line of another field count")
    func strict() throws {
        let lines = try LineReader(bytes: Array("a,b\n1,2\n3\n".utf8), path: "memory.csv")
        let reader = try CSVReader(lines: lines)
        #expect(reader.header == ["a", "b"])
        var row = CSVRow()
        #expect(try reader.next(&row))
        #expect(row.rowNumber == 1)
        #expect(row.integer(1) == 2)
        let error = DataFileError.of { _ = try reader.next(&row) }
        #expect(error?.lineNumber == 3)
        #expect(DataFileError.of { _ = try reader.column("c") }?.problem.contains("a, b") == true)
    }

    @Test("an empty file is an error")
    func empty() throws {
        let error = DataFileError.of {
            _ = try CSVReader(lines: LineReader(bytes: [], path: "empty.csv"))
        }
        #expect(error?.code == .empty)
    }

    @Test("numbers are decimal and finite, or none")
    func numbers() {
        func number(_ text: String) -> Double? { DecimalText.number(Array(text.utf8)[...]) }
        func integer(_ text: String) -> Int? { DecimalText.integer(Array(text.utf8)[...]) }
        #expect(number("-74.0025") == -74.0025)
        #expect(number("1e-3") == 0.001)
        for text in ["", "nan", "NaN", "inf", "1e999", "0x10", "1,5", "12 ", "--1", "1_0"] {
            #expect(number(text) == nil, "\(text)")
        }
        #expect(integer("+12") == 12)
        #expect(integer("-240") == -240)
        for text in ["", "-", "1.0", "9999999999999999999", "a"] {
            #expect(integer(text) == nil, "\(text)")
        }
    }
}

@Suite("integer lists")
struct IntegerListTests {
    private func parse(_ text: String) throws -> IntegerLists {
        try IntegerLists.parse(Array(text.utf8), path: "memory")
    }

    @Test("keep keys, values and where each line's values lie")
    func lists() throws {
        let lists = try parse("7 1 2 3\r\n\n0\n5\t2147483647")
        #expect(lists.keys == [7, 0, 5])
        #expect(lists.offsets == [0, 3, 3, 4])
        #expect(lists.values == [1, 2, 3, 2_147_483_647])
        #expect(Array(lists.values(0)) == [1, 2, 3])
    }

    @Test(
        "name the line that is none",
        arguments: ["1 2\n3 x\n", "1 2\n-3 4\n", "1\n2147483648 1"]
    )
    func bad(text: String) {
        let error = DataFileError.of { _ = try parse(text) }
        #expect(error?.code == .badValue)
        #expect(error?.lineNumber == 2)
    }
}
