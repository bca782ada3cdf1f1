import DataFiles
import Testing

@Suite("lines")
struct LineReaderTests {
    private func lines(_ text: String, maxLineBytes: Int = 100) throws -> [Line] {
        try lines(
            LineReader(bytes: Array(text.utf8), path: "memory", maxLineBytes: maxLineBytes)
        )
    }

    private func lines(_ reader: LineReader) throws -> [Line] {
        var found: [Line] = []
        var line = Line()
        while try reader.next(&line) { found.append(line) }
        return found
    }

    @Test("end with LF, CR LF or the file; the mark at the start is no text")
    func ends() throws {
        let found = try lines("\u{FEFF}one\r\ntwo\n\nthree")
        #expect(
            found.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one", "two", "", "three"]
        )
        #expect(found.map(\.number) == [1, 2, 3, 4])
        #expect(found.map(\.byteOffset) == [3, 8, 12, 13])
        #expect(found.map(\.endOffset) == [8, 12, 13, 18])
        #expect(try lines("").isEmpty)
        #expect(try lines("one\n").count == 1)
    }

    @Test("past the limit are cut and marked; the next line is whole")
    func tooLong() throws {
        let found = try lines("123456\n12345\n1234567890", maxLineBytes: 5)
        #expect(found.map(\.isTooLong) == [true, false, true])
        #expect(found.map(\.bytes.count) == [5, 5, 5])
        #expect(found[1].byteOffset == 7)
    }

    @Test(
        "across chunks are the same as in memory, and any position can be gone on from",
        arguments: [Compression.none, .gzip, .xz, .zstandard]
    )
    func chunks(_ compression: Compression) throws {
        let scratch = try Scratch()
        var generator = SeededGenerator(seed: 7)
        let texts = (0..<9_000).map { _ in
            String(repeating: "x", count: Int.random(in: 0...90, using: &generator))
        }
        let path = try scratch.write(texts.joined(separator: "\n"), "lines.txt", as: compression)
        let reader = try LineReader(path: path)
        let found = try lines(reader)
        #expect(found.map(\.bytes.count) == texts.map(\.utf8.count))
        for count in [0, 1, 4_000, 8_999, 9_000] {
            let position =
                count == 0
                ? TextPosition()
                : TextPosition(byteOffset: found[count - 1].endOffset, lineCount: count)
            let later = try LineReader(path: path)
            try later.move(to: position)
            let rest = try lines(later)
            #expect(rest == Array(found[count...]), "after line \(count)")
        }
    }

    @Test("of UTF-16 are refused with the way to convert them")
    func utf16() {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x61, 0x00]
        let error = DataFileError.of { _ = try LineReader(bytes: bytes, path: "wide.csv") }
        #expect(error?.code == .wrongFormat)
        #expect(error?.remedy.contains("iconv") == true)
    }
}
