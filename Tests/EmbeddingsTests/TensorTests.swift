import Embeddings
import Kernels
import Testing

@Suite("tensors and tables")
struct TensorTests {
    @Test("numbers come back as they went in, for every element")
    func roundTrip() {
        let floats: [Float] = [1.5, -0.0, .infinity, .leastNonzeroMagnitude, 3, 4]
        #expect(Tensor("a", shape: [2, 3], floats: floats).floats() == floats)
        #expect(Tensor("a", shape: [2], halves: [1.5, -2]).halves() == [1.5, -2])
        #expect(Tensor("a", shape: [2], int32s: [.min, .max]).int32s() == [.min, .max])
        #expect(Tensor("a", shape: [2], int64s: [.min, .max]).int64s() == [.min, .max])
        #expect(Tensor("a", shape: [1], uint64s: [.max]).uint64s() == [.max])
        #expect(Tensor("a", shape: [3], bytes: [0, 127, 255]).bytes() == [0, 127, 255])
        #expect(Tensor("a", shape: [0, 64], floats: []).floats() == [])
        #expect(Tensor("a", shape: [], floats: [7]).floats() == [7])
        let doubles: [Double] = [0.1, -.infinity, 5]
        #expect(Tensor("a", shape: [3], doubles: doubles).doubles() == doubles)
    }

    @Test("bytes are little-endian, row-major")
    func bytes() {
        let tensor = Tensor("a", shape: [2], int32s: [1, 0x0102_0304])
        let bytes = tensor.withBytes { $0.withElements(as: UInt8.self) { $0.copied() } }
        #expect(bytes == [1, 0, 0, 0, 4, 3, 2, 1])
    }

    @Test("a table gives its rows")
    func table() throws {
        let table = EmbeddingTable("items", dimension: 2, floats: [1, 2, 3, 4, 5, 6])
        #expect(table.rowCount == 3)
        #expect(table.row(1) == [3, 4])
        #expect(table.withRows { $0[5] } == 6)
    }

    @Test("a table of another element or rank is refused by name")
    func badTable() {
        #expect(throws: TensorError.self) {
            try EmbeddingTable(Tensor("items", shape: [2, 2], int32s: [1, 2, 3, 4]))
        }
        let flat = Tensor("items", shape: [4], floats: [1, 2, 3, 4])
        do {
            _ = try EmbeddingTable(flat)
            Issue.record("a vector was taken for a table")
        } catch {
            #expect(error.code == .wrongShape)
            #expect(error.place == "items")
        }
    }

    @Test(
        "strings come back, empty ones and any script included",
        arguments: [
            [], [""], ["a", "", "Ωμέγα", "東京", "", "🙂"], ["same", "same"],
        ]
    )
    func strings(_ strings: [String]) throws {
        let column = StringColumn("ids", strings)
        #expect(column.tensors.map(\.name) == ["ids.bytes", "ids.offsets"])
        #expect(try StringColumn("ids", from: column.tensors).strings == strings)
    }

    @Test(
        "a string column with bad offsets or bad UTF-8 is refused",
        arguments: [
            ([UInt8]([65, 66]), [Int64]([0, 1])),  // bytes left over
            ([65, 66], [1, 2]),
            ([65, 66], [0, 2, 1, 2]),
            ([65, 66], [0, 3, 2]),
            ([65, 66], [0, -1, 2]),
            ([65, 66], []),
            ([0xFF, 0xFE], [0, 2]),
            ([0xC3, 0xA9], [0, 1, 2]),  // cut inside é
        ]
    )
    func badStrings(bytes: [UInt8], offsets: [Int64]) {
        let tensors = [
            Tensor("ids.bytes", shape: [bytes.count], bytes: bytes),
            Tensor("ids.offsets", shape: [offsets.count], int64s: offsets),
        ]
        #expect(throws: TensorError.self) { try StringColumn("ids", from: tensors) }
    }

    @Test("a missing tensor is named")
    func missing() {
        do {
            _ = try [Tensor]().tensor("weights", .float32)
            Issue.record("found a tensor in an empty list")
        } catch {
            #expect(error.code == .missing)
            #expect(error.place == "weights")
        }
    }
}
