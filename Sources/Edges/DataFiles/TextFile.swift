/// Whole files in memory, decompressed where they need it.
package enum TextFile {
    /// 8 GiB: past every data set read whole, and a stop for archives made to explode.
    package static let maxDecodedBytes = 8 << 30

    /// All bytes of the file, decoded if it is gzip, xz or Zstandard.
    package static func contents(of path: String) throws(DataFileError) -> [UInt8] {
        try contents(of: path, decodedByteLimit: maxDecodedBytes)
    }

    /// All bytes of the file; more than `decodedByteLimit` of them are an error.
    package static func contents(
        of path: String,
        decodedByteLimit: Int
    ) throws(DataFileError) -> [UInt8] {
        let stream = try ByteStream(path: path, decodedByteLimit: decodedByteLimit)
        var bytes: [UInt8] = []
        while try stream.appendNext(to: &bytes) {}
        return bytes
    }

    /// The file `name` in `folder`, or its compressed form `name.xz`, `name.gz` or `name.zst`.
    package static func find(_ name: String, in folder: String) throws(DataFileError) -> String {
        let endings: [Compression] = [.none, .xz, .gzip, .zstandard]
        let paths = endings.map { "\(folder)/\(name)\($0.suffix)" }
        for path in paths {
            do throws(DataFileError) {
                _ = try ByteStream(path: path)
                return path
            } catch {
                if error.code != .notFound { throw error }
            }
        }
        throw DataFileError(
            .notFound,
            path: paths[0],
            problem: "is not there, nor with .xz, .gz or .zst at its end",
            remedy: "check the folder"
        )
    }
}
