package import Embeddings
import FoundationEssentials
import Kernels

/// Reading and writing of safetensors files. Reads treat every byte as hostile.
package enum SafetensorsFile {
    /// Writes a new file, as in a version of the store; refuses a path that exists.
    package static func write(
        _ tensors: [Tensor],
        to path: String
    ) throws(ModelStoreError) -> FileRecord {
        try write(tensors, to: StorePath(path: path))
    }

    /// Maps a file that any program wrote and checks its header; its bytes carry no checksum.
    package static func read(_ path: String) throws(ModelStoreError) -> [Tensor] {
        let path = StorePath(path: path)
        return try read(OpenFile(path, .read).map(), at: path)
    }

    /// Writes a new file and brings it to the disk.
    static func write(
        _ tensors: [Tensor],
        to path: StorePath
    ) throws(ModelStoreError) -> FileRecord {
        let layout = try SafetensorsLayout(tensors, path: path.relative)
        var writer = try FileWriter(path)
        layout.header.withRawBytes { writer.write($0) }
        for (tensor, padding) in zip(layout.tensors, layout.padding) {
            tensor.withBytes { writer.write($0) }
            [UInt8](repeating: 0, count: padding).withRawBytes { writer.write($0) }
        }
        return try writer.finish()
    }

    /// The tensors of a mapped file, in file order and without copying.
    ///
    /// Refuses a header over 1 MiB, elements we do not know, shapes that overflow or do not fit
    /// their offsets, and offsets that overlap, leave holes or leave the file.
    static func read(_ file: MappedFile, at path: StorePath) throws(ModelStoreError) -> [Tensor] {
        let dataStart = try headerEnd(file, path)
        let entries = try decodeHeader(file.bytes(8..<dataStart), path)
        let dataByteCount = file.byteCount - dataStart
        var tensors: [Tensor] = []
        var expected = 0
        for (name, entry) in entries.sorted(by: isBefore) {
            let (element, range) = try check(name, entry, expected, dataByteCount, path)
            expected = range.upperBound
            guard !name.hasPrefix(SafetensorsLayout.paddingPrefix) else { continue }
            let bytes = dataStart + range.lowerBound..<dataStart + range.upperBound
            tensors.append(tensor(name, element, entry.shape, file, bytes))
        }
        guard expected == dataByteCount else {
            throw .corrupt(path, "tensors end at byte \(expected) of \(dataByteCount)")
        }
        return tensors
    }

    private static func headerEnd(
        _ file: MappedFile,
        _ path: StorePath
    ) throws(ModelStoreError) -> Int {
        guard file.byteCount >= 8 else {
            throw .corrupt(path, "\(file.byteCount) bytes are no safetensors file")
        }
        let length = file.bytes(0..<8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(SafetensorsLayout.maxHeaderByteCount) else {
            throw .corrupt(
                path,
                "header of \(length) bytes, limit \(SafetensorsLayout.maxHeaderByteCount)"
            )
        }
        guard Int(length) <= file.byteCount - 8 else {
            throw .corrupt(path, "header of \(length) bytes in a file of \(file.byteCount)")
        }
        return 8 + Int(length)
    }

    private static func decodeHeader(
        _ bytes: [UInt8],
        _ path: StorePath
    ) throws(ModelStoreError) -> [String: SafetensorsLayout.Entry] {
        do {
            return try JSONDecoder().decode(Header.self, from: Data(bytes)).entries
        } catch {
            throw .corrupt(path, "the header is not the JSON of safetensors")
        }
    }

    private static func isBefore(
        _ left: (key: String, value: SafetensorsLayout.Entry),
        _ right: (key: String, value: SafetensorsLayout.Entry)
    ) -> Bool {
        // By start, then end: an empty tensor comes before the one that starts with it.
        if left.value.dataOffsets != right.value.dataOffsets {
            return left.value.dataOffsets.lexicographicallyPrecedes(right.value.dataOffsets)
        }
        return left.key < right.key
    }

    private static func check(
        _ name: String,
        _ entry: SafetensorsLayout.Entry,
        _ expected: Int,
        _ dataByteCount: Int,
        _ path: StorePath
    ) throws(ModelStoreError) -> (TensorElement, Range<Int>) {
        guard let element = TensorElement(rawValue: entry.dtype) else {
            let known = TensorElement.allCases.map(\.rawValue).joined(separator: " ")
            throw .corrupt(path, "tensor \(name) holds \(entry.dtype), we read \(known)")
        }
        guard entry.dataOffsets.count == 2, entry.dataOffsets[0] == expected,
            expected <= entry.dataOffsets[1], entry.dataOffsets[1] <= dataByteCount
        else {
            throw .corrupt(
                path,
                "tensor \(name) at \(entry.dataOffsets), expected to begin at \(expected) "
                    + "and end by \(dataByteCount)"
            )
        }
        let range = expected..<entry.dataOffsets[1]
        guard byteCount(entry.shape, element) == range.count else {
            throw .corrupt(path, "tensor \(name) of shape \(entry.shape) in \(range.count) bytes")
        }
        return (element, range)
    }

    /// nil where a length is negative or the product overflows.
    private static func byteCount(_ shape: [Int], _ element: TensorElement) -> Int? {
        var count = 1
        for length in shape + [element.byteCount] {
            let (product, overflows) = count.multipliedReportingOverflow(by: length)
            guard length >= 0, !overflows else { return nil }
            count = product
        }
        return count
    }

    /// Files of other writers may place numbers at odd addresses: those are copied.
    private static func tensor(
        _ name: String,
        _ element: TensorElement,
        _ shape: [Int],
        _ file: MappedFile,
        _ range: Range<Int>
    ) -> Tensor {
        let isAligned = range.lowerBound % element.byteCount == 0
        let storage: any TensorStorage =
            isAligned ? MappedStorage(file, range) : CopiedStorage(file.bytes(range))
        return Tensor(name, element: element, shape: shape, storage: storage)
    }
}

/// The header's members: tensors, and free text that we do not read.
private struct Header: Decodable {
    var entries: [String: SafetensorsLayout.Entry] = [:]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys where key.stringValue != "__metadata__" {
            entries[key.stringValue] = try container.decode(
                SafetensorsLayout.Entry.self,
                forKey: key
            )
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

/// Bytes copied to an address that fits every element.
private final class CopiedStorage: TensorStorage {
    private let words: [UInt64]
    private let byteCount: Int

    init(_ bytes: [UInt8]) {
        byteCount = bytes.count
        words = stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<min(start + 8, bytes.count)].reversed()
                .reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        }
    }

    func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try words.withRawBytes { try body($0.extracting(0..<byteCount)) }
    }
}
