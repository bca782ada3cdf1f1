import Embeddings
import FoundationEssentials

/// Where tensors lie in a safetensors file, and the header that says so.
///
/// The file is a 64-bit little-endian header length, the header (JSON), then the bytes of all
/// tensors without holes, which its readers demand. Ours starts the bytes at a multiple of 4 KiB
/// and every tensor at a multiple of 64 bytes: the header ends in spaces, and a gap between
/// tensors is itself a small U8 tensor named "__pad_0" and so on, which our reader leaves out.
struct SafetensorsLayout {
    static let headerAlignment = 4_096  // one page, so that mapped rows keep their alignment
    static let tensorAlignment = 64  // one cache line, so that no row of 16 floats straddles two
    static let maxHeaderByteCount = 1 << 20
    static let paddingPrefix = "__pad_"

    struct Entry: Codable, Hashable {
        var dtype: String
        var shape: [Int]
        /// Begin and end, relative to the first byte after the header.
        var dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    /// In file order.
    private(set) var tensors: [Tensor] = []
    /// Bytes of padding after each tensor, in the same order; 0 where there is none.
    private(set) var padding: [Int] = []
    /// The length field, the JSON and its spaces: a multiple of 4 KiB.
    private(set) var header: [UInt8] = []

    /// Big tensors first, ties by name: one set of tensors gives one file.
    init(_ tensors: [Tensor], path: String) throws(ModelStoreError) {
        try Self.checkNames(tensors, path)
        self.tensors = tensors.sorted { ($1.byteCount, $0.name) < ($0.byteCount, $1.name) }
        var entries: [String: Entry] = [:]
        var offset = 0
        for (index, tensor) in self.tensors.enumerated() {
            let end = offset + tensor.byteCount
            entries[tensor.name] = Entry(
                dtype: tensor.element.rawValue,
                shape: tensor.shape,
                dataOffsets: [offset, end]
            )
            let isLast = index == tensors.count - 1
            let gap = isLast ? 0 : -end & (Self.tensorAlignment - 1)
            padding.append(gap)
            if gap > 0 {
                entries["\(Self.paddingPrefix)\(index)"] = Entry(
                    dtype: "U8",
                    shape: [gap],
                    dataOffsets: [end, end + gap]
                )
            }
            offset = end + gap
        }
        header = try Self.header(entries, path)
    }

    private static func checkNames(_ tensors: [Tensor], _ path: String) throws(ModelStoreError) {
        var names: Set<String> = ["__metadata__"]
        for tensor in tensors {
            guard names.insert(tensor.name).inserted, !tensor.name.hasPrefix(paddingPrefix) else {
                throw .invalid(path, "tensor name \(tensor.name) is taken", "rename the tensor")
            }
        }
    }

    private static func header(
        _ entries: [String: Entry],
        _ path: String
    ) throws(ModelStoreError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var json = (try? encoder.encode(entries)).map(Array.init) else {
            throw .invalid(path, "the header is no JSON", "check the tensors' names")
        }
        let used = 8 + json.count
        json.append(contentsOf: repeatElement(32, count: -used & (headerAlignment - 1)))
        guard json.count <= maxHeaderByteCount else {
            throw .invalid(
                path,
                "header of \(json.count) bytes, limit \(maxHeaderByteCount)",
                "store fewer tensors in one file"
            )
        }
        let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> ($0 * 8)) }
        return length + json
    }
}
