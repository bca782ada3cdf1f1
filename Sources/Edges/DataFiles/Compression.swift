/// How a file's bytes are packed.
package enum Compression: Hashable, Sendable {
    case none, gzip, xz, zstandard

    /// The ending of such a file's name; empty for none.
    package var suffix: String {
        switch self {
        case .none: ""
        case .gzip: ".gz"
        case .xz: ".xz"
        case .zstandard: ".zst"
        }
    }

    private static let magics: [(compression: Compression, bytes: [UInt8])] = [
        (.gzip, [0x1f, 0x8b]),
        (.xz, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
        (.zstandard, [0x28, 0xb5, 0x2f, 0xfd]),
    ]

    /// What the first bytes say; a name with the ending of another compression is an error.
    init(firstBytes: [UInt8], path: String) throws(DataFileError) {
        let found = Self.magics.first { firstBytes.starts(with: $0.bytes) }?.compression ?? .none
        let promised = Self.promised(by: path)
        guard found != .none || promised == .none else {
            throw DataFileError(
                firstBytes.isEmpty ? .truncated : .corrupt,
                path: path,
                byteOffset: 0,
                problem: firstBytes.isEmpty
                    ? "is empty" : "does not begin as a \(promised.suffix) file does",
                remedy: "fetch or copy the file again, or give it the ending of what it is"
            )
        }
        self = found
    }

    /// What the name says.
    package static func promised(by path: String) -> Compression {
        magics.first { path.hasSuffix($0.compression.suffix) }?.compression ?? .none
    }

    func makeDecoder(_ path: String) throws(DataFileError) -> any ChunkDecoder {
        do throws(DecodeFault) {
            switch self {
            case .none: return PlainDecoder()
            case .gzip: return try GzipDecoder()
            case .xz: return try XZDecoder()
            case .zstandard: return try ZstandardDecoder()
            }
        } catch {
            throw .decoding(path, byteOffset: 0, error)
        }
    }
}
