import Embeddings
import Foundation
import ModelStorage
import Testing

@Suite("safetensors files")
struct SafetensorsTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let tensors = [
        Tensor("odd", shape: [3], bytes: [1, 2, 3]),
        Tensor("embeddings", shape: [5, 16], floats: (0..<80).map { Float($0) / 3 }),
        Tensor("halves", shape: [3], halves: [1, -2.5, 65_504]),
        Tensor("small", shape: [1, 1, 1], int32s: [-7]),
        Tensor("offsets", shape: [3], int64s: [0, .min, .max]),
        Tensor("ids", shape: [2], uint64s: [0, .max]),
        Tensor("none", shape: [0, 64], floats: []),
        Tensor("scalar", shape: [], floats: [0.5]),
    ]

    private func isEqual(_ left: Tensor, _ right: Tensor) -> Bool {
        left.name == right.name && left.element == right.element && left.shape == right.shape
            && left.withBytes { leftBytes in
                right.withBytes { rightBytes in
                    leftBytes.byteCount == rightBytes.byteCount
                        && (0..<leftBytes.byteCount).allSatisfy { index in
                            unsafe leftBytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
                                == rightBytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
                        }
                }
            }
    }

    @Test("tensors of every element come back, biggest first")
    func roundTrip() throws {
        let path = folder.file("a.safetensors")
        _ = try SafetensorsFile.write(Self.tensors, to: path)
        let read = try SafetensorsFile.read(path)
        #expect(read.map(\.name).first == "embeddings")
        #expect(read.map(\.byteCount) == read.map(\.byteCount).sorted(by: >))
        let sorted = read.sorted { $0.name < $1.name }
        let expected = Self.tensors.sorted { $0.name < $1.name }
        #expect(sorted.count == expected.count)
        #expect(zip(sorted, expected).allSatisfy { isEqual($0, $1) })
    }

    @Test("data begins at a multiple of 4 KiB, and every tensor at a multiple of 64 bytes")
    func alignment() throws {
        let path = folder.file("a.safetensors")
        _ = try SafetensorsFile.write(Self.tensors, to: path)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect((length + 8) % 4_096 == 0)
        let json = try JSONSerialization.jsonObject(with: bytes[8..<8 + length])
        let header = try #require(json as? [String: [String: Any]])
        for tensor in Self.tensors {
            let offsets = try #require(header[tensor.name]?["data_offsets"] as? [Int])
            #expect(offsets[0] % 64 == 0, "\(tensor.name) at \(offsets)")
        }
    }

    @Test("the order of the tensors given does not show in the file")
    func deterministic() throws {
        let (first, second) = (folder.file("a.safetensors"), folder.file("b.safetensors"))
        let record = try SafetensorsFile.write(Self.tensors, to: first)
        #expect(try SafetensorsFile.write(Self.tensors.reversed(), to: second) == record)
    }

    @Test("a file without tensors is a file")
    func empty() throws {
        let path = folder.file("a.safetensors")
        _ = try SafetensorsFile.write([], to: path)
        #expect(try SafetensorsFile.read(path).isEmpty)
    }

    @Test("names that are taken are refused")
    func names() {
        for name in ["odd", "__metadata__", "__pad_0"] {
            let tensors = Self.tensors + [Tensor(name, shape: [1], bytes: [1])]
            let code = errorCode {
                _ = try SafetensorsFile.write(tensors, to: folder.file("x.safetensors"))
            }
            #expect(code == .invalidArgument, "\(name)")
        }
    }

    private func read(_ header: String, data: Int, length: UInt64? = nil) throws -> [Tensor] {
        let path = folder.file("\(UUID().uuidString).safetensors")
        let json = Data(header.utf8)
        let count = length ?? UInt64(json.count)
        let prefix = Data((0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) })
        let bytes = prefix + json + Data(repeating: 1, count: data)
        try bytes.write(to: URL(fileURLWithPath: path))
        return try SafetensorsFile.read(path)
    }

    private func entry(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String
    {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test("a file of another writer is read: metadata left out, odd addresses copied")
    func foreign() throws {
        let header =
            "{\"__metadata__\":{\"format\":\"np\"},\(entry("a", "U8", "[3]", "[0,3]")),"
            + "\(entry("b", "I32", "[2]", "[3,11]"))}"
        let tensors = try read(header, data: 11)
        #expect(tensors.map(\.name) == ["a", "b"])
        #expect(tensors[0].bytes() == [1, 1, 1])
        #expect(tensors[1].int32s() == [0x0101_0101, 0x0101_0101])
    }

    @Test("hostile headers are refused")
    func hostile() {
        let good = entry("a", "F32", "[2]", "[0,8]")
        let cases: [(String, Int)] = [
            ("", 0),
            ("[]", 0),
            ("{", 0),
            ("{\(good)}", 7),  // data cut
            ("{\(good)}", 9),  // bytes that belong to no tensor
            ("{\(entry("a", "F32", "[2]", "[4,12]"))}", 12),  // a hole at the start
            ("{\(good),\(entry("b", "F32", "[2]", "[4,12]"))}", 12),  // overlap
            ("{\(good),\(entry("b", "F32", "[2]", "[0,8]"))}", 8),  // the same bytes twice
            ("{\(good),\(entry("b", "F32", "[1]", "[12,16]"))}", 16),  // a hole
            ("{\(entry("a", "F32", "[2]", "[8,0]"))}", 8),
            ("{\(entry("a", "F32", "[2]", "[-8,0]"))}", 8),
            ("{\(entry("a", "F32", "[2]", "[0]"))}", 8),
            ("{\(entry("a", "F32", "[2]", "[0,8,8]"))}", 8),
            ("{\(entry("a", "F32", "[3]", "[0,8]"))}", 8),
            ("{\(entry("a", "F32", "[-2]", "[0,8]"))}", 8),
            ("{\(entry("a", "F32", "[-1,-2]", "[0,8]"))}", 8),
            ("{\(entry("a", "F32", "[2.5]", "[0,8]"))}", 8),
            ("{\(entry("a", "F32", "[9223372036854775807,3]", "[0,8]"))}", 8),
            ("{\(entry("a", "F32", "[4611686018427387904,4,0]", "[0,0]"))}", 0),
            ("{\(entry("a", "F32", "[4611686018427387904]", "[0,0]"))}", 0),
            ("{\(entry("a", "F32", "[2]", "[0,9223372036854775807]"))}", 8),
            ("{\(entry("a", "F32", "[2]", "[0,1e400]"))}", 8),
            ("{\(entry("a", "F33", "[2]", "[0,8]"))}", 8),
            ("{\(entry("a", "BF16", "[4]", "[0,8]"))}", 8),
            ("{\"a\":{\"dtype\":\"F32\"}}", 0),
            ("{\"a\":null}", 0),
            (String(repeating: "[", count: 200_000), 0),
            ("{\"a\":" + String(repeating: "{\"b\":", count: 100_000), 0),
        ]
        for (header, data) in cases {
            let code = errorCode { _ = try read(header, data: data) }
            #expect(code == .corrupt, "\(header.prefix(120)) with \(data) bytes")
        }
    }

    @Test("a header length past the limit or the file is refused before it is read")
    func headerLength() {
        for length in [3, 1 << 20 + 1, 1 << 40, UInt64.max, 1 << 63] as [UInt64] {
            #expect(errorCode { _ = try read("{}", data: 0, length: length) } == .corrupt)
        }
        #expect(errorCode { _ = try read("{}", data: 0, length: 2) } == nil)
    }

    @Test("every truncation and every flipped header bit is refused or read, never a crash")
    func mutilated() throws {
        let path = folder.file("a.safetensors")
        _ = try SafetensorsFile.write(Self.tensors, to: path)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        let other = folder.file("b.safetensors")
        func code(_ bytes: Data) throws -> ModelStoreError.Code? {
            try bytes.write(to: URL(fileURLWithPath: other))
            return errorCode { _ = try SafetensorsFile.read(other) }
        }
        for count in Array(0..<12) + Array(stride(from: 12, to: good.count, by: 97)) {
            #expect(try code(good.prefix(count)) == .corrupt, "cut to \(count)")
        }
        var refused = 0
        let headerBits = 8 * 1_000
        for bit in stride(from: 0, to: headerBits, by: 5) {
            var bytes = good
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let code = try code(bytes)
            #expect(code == nil || code == .corrupt)
            if code != nil { refused += 1 }
        }
        #expect(refused > headerBits / 5 / 3, "only \(refused) flips were refused")
    }
}
