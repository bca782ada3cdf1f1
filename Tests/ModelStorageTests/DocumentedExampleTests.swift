import Embeddings
import Foundation
import ModelStorage
import Testing

/// Keeps docs/STORE_FORMAT.md true: its hex is what the program writes.
@Suite("documented example")
struct DocumentedExampleTests {
    private static let document = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/STORE_FORMAT.md")

    @Test("the file of the worked example is written byte for byte as the page shows")
    func workedExample() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("example.safetensors")
        let ids = StringColumn("ids", ["cafe", "bar"])
        let embeddings = Tensor("embeddings", shape: [2, 2], floats: [1, -2, 0.5, 3])
        let record = try SafetensorsFile.write(ids.tensors + [embeddings], to: path)
        let dump = hexDump(try Data(contentsOf: URL(fileURLWithPath: path)))
        let page = try String(contentsOf: Self.document, encoding: .utf8)
        #expect(page.contains(dump), "the page should show:\n\(dump)")
        #expect(page.contains(record.sha256), "the page should name SHA-256 \(record.sha256)")
        let crc = record.chunkCRC32C.map { String($0) }.joined()
        #expect(page.contains(crc), "the page should name CRC-32C \(crc)")
    }

    /// As `hexdump -C` prints: sixteen bytes a line, a star for lines equal to the one before.
    private func hexDump(_ bytes: Data) -> String {
        func hex(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        var lines: [String] = []
        var previous = Data()
        for start in stride(from: 0, to: bytes.count, by: 16) {
            let row = Data(bytes[start..<min(start + 16, bytes.count)])
            if row == previous, row.count == 16 {
                if lines.last != "*" { lines.append("*") }
                continue
            }
            previous = row
            let pairs = row.map { hex(Int($0), 2) }
            let left = pairs.prefix(8).joined(separator: " ")
            let right = pairs.dropFirst(8).joined(separator: " ")
            let text = row.map { (32..<127).contains($0) ? Character(UnicodeScalar($0)) : "." }
            let columns = (left + "  " + right).padding(toLength: 48, withPad: " ", startingAt: 0)
            lines.append("\(hex(start, 8))  \(columns)  |\(String(text))|")
        }
        return (lines + [hex(bytes.count, 8)]).joined(separator: "\n")
    }
}
