import Kernels

/// Embeddings of users, items or slots: rowCount vectors of `dimension` numbers, row-major f32.
package struct EmbeddingTable: Sendable {
    /// Shape [rowCount, dimension], float32.
    package let tensor: Tensor

    package init(_ tensor: Tensor) throws(TensorError) {
        self.tensor = try [tensor].tensor(tensor.name, .float32, shape: [nil, nil])
    }

    /// - Parameter floats: row after row; count a multiple of `dimension`, which is at least 1.
    package init(_ name: String, dimension: Int, floats: [Float]) {
        precondition(dimension >= 1, "embedding \(name) of dimension \(dimension)")
        precondition(
            floats.count % dimension == 0,
            "embedding \(name): \(floats.count) numbers are no rows of \(dimension)"
        )
        tensor = Tensor(name, shape: [floats.count / dimension, dimension], floats: floats)
    }

    package var rowCount: Int { tensor.shape[0] }
    package var dimension: Int { tensor.shape[1] }

    /// A copy of one row.
    package func row(_ index: Int) -> [Float] {
        precondition((0..<rowCount).contains(index), "row \(index) of \(rowCount)")
        return withRows { rows in
            let start = index * dimension
            return rows.extracting(start..<start + dimension).copied()
        }
    }

    /// Passes all rows, rowCount × dimension numbers, without copying.
    package func withRows<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
        try tensor.withFloats(body)
    }
}
