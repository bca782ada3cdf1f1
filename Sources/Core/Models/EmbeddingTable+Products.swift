internal import Embeddings
internal import Kernels

extension EmbeddingTable {
    /// The inner product of every row with a vector, shape [rowCount].
    func products(with vector: [Float]) -> [Float] {
        var products = [Float](repeating: 0, count: rowCount)
        withRows { rows in
            var output = products.mutableSpan
            KernelVariant.best.matrixVector(rows, vector: vector.span, output: &output)
        }
        return products
    }

    /// The same of some rows.
    func products(of items: [Int32], with vector: [Float]) -> [Float] {
        withRows { rows in
            items.map { item in
                let start = Int(item) * dimension
                let row = rows.extracting(start..<start + dimension)
                return KernelVariant.best.dot(row, vector.span)
            }
        }
    }
}
