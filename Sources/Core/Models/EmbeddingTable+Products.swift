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
}
