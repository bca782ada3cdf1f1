internal import Embeddings
internal import Events
internal import Graphs

/// Items beside items: what the part `neighbours` of the linear families gathers.
struct NeighbourLinks: Sendable {
    static let part = "neighbours"
    private static let offsetsName = "neighbours.offsets"
    private static let itemName = "neighbours.item"
    private static let weightName = "neighbours.weight"

    /// Shape [items, items]: row = an item of the history, column = an item that it speaks for.
    let matrix: CSRMatrix

    init(_ matrix: CSRMatrix) { self.matrix = matrix }

    /// What a history says of every item, Σ_i weight_i · S_ij, added to `scores`, shape [items].
    func add(_ items: [Int32], weights: [Float], to scores: inout ArraySlice<Float>) {
        let start = scores.startIndex
        for (item, weight) in zip(items, weights) {
            for position in matrix.range(ofRow: Int(item)) {
                scores[start + Int(matrix.columns[position])] += weight * matrix.values[position]
            }
        }
    }

    /// The same by itself, shape [items].
    func sums(_ items: [Int32], weights: [Float]) -> [Float] {
        var sums = [Float](repeating: 0, count: matrix.columnCount)
        add(items, weights: weights, to: &sums[...])
        return sums
    }

    /// What it says of one item.
    func amount(of target: Int32, _ items: [Int32], weights: [Float]) -> Float {
        zip(items, weights).reduce(0) { $0 + $1.1 * matrix[Int($1.0), Int(target)] }
    }

    /// `neighbours.offsets` (I64 [items + 1]) and, link after link, `neighbours.item` (I32) and
    /// `neighbours.weight` (F32).
    var tensors: [Tensor] {
        [
            Tensor(
                Self.offsetsName,
                shape: [matrix.rowOffsets.count],
                int64s: matrix.rowOffsets.map { Int64($0) }
            ),
            Tensor(Self.itemName, shape: [matrix.nonZeroCount], int32s: matrix.columns),
            Tensor(Self.weightName, shape: [matrix.nonZeroCount], floats: matrix.values),
        ]
    }

    init(from tensors: [Tensor], itemCount: Int) throws(ModelError) {
        let offsets = try tensors.part(Self.offsetsName, .int64, shape: [itemCount + 1]).int64s()
        let items = try tensors.part(Self.itemName, .int32, shape: [nil]).int32s()
        let weights = try tensors.part(Self.weightName, .float32, shape: [items.count]).floats()
        guard
            offsets.first == 0, offsets.last == Int64(items.count),
            zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else {
            throw ModelError(badTensor: Self.offsetsName, "do not span \(items.count) links")
        }
        for row in 0..<itemCount {
            let own = items[Int(offsets[row])..<Int(offsets[row + 1])]
            guard
                own.allSatisfy({ $0 >= 0 && Int($0) < itemCount }),
                zip(own, own.dropFirst()).allSatisfy({ $0 < $1 })
            else {
                throw ModelError(
                    badTensor: Self.itemName,
                    "row \(row) does not ascend in 0..<\(itemCount)"
                )
            }
        }
        matrix = CSRMatrix(
            rowCount: itemCount,
            columnCount: itemCount,
            rowOffsets: offsets.map { Int($0) },
            columns: items,
            values: weights
        )
    }
}
