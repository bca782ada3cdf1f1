import Kernels
import Testing

@Suite("CRC-32C")
struct CRC32CTests {
    /// RFC 3720, appendix B.4.
    @Test("the published vectors")
    func vectors() {
        let cases: [([UInt8], UInt32)] = [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E),
            ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
            ([UInt8]("123456789".utf8), 0xE306_9283),
            ([], 0),
        ]
        for (bytes, expected) in cases {
            #expect(CRC32C.checksum(of: bytes) == expected)
            #expect(bytes.withRawBytes { CRC32C.portableChecksum(of: $0) } == expected)
        }
    }

    @Test("in two parts as in one, at every length and start, in both forms")
    func parts() {
        let bytes = (0..<67).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        bytes.withRawBytes { span in
            for start in 0..<9 {
                for end in start...bytes.count {
                    let whole = CRC32C.checksum(of: span.extracting(start..<end))
                    let middle = (start + end) / 2
                    let first = CRC32C.checksum(of: span.extracting(start..<middle))
                    let second = span.extracting(middle..<end)
                    #expect(CRC32C.checksum(of: second, after: first) == whole)
                    #expect(CRC32C.portableChecksum(of: second, after: first) == whole)
                }
            }
        }
    }
}
