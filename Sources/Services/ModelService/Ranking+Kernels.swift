internal import Embeddings
internal import Kernels
internal import Ranking

/// An item of a version and its score.
typealias TopItem = ScoredIndex

/// The `k` best of `scores`, ties by smaller index; `mask` nil admits all.
func topItems(of scores: [Float], mask: ItemMask?, k: Int) -> [TopItem] {
    guard let mask else { return KernelVariant.best.topK(k, of: scores.span) }
    return KernelVariant.best.topK(k, of: scores.span, eligible: mask.words.span)
}

/// The cosine of `vector` with every row of `table`; 0 where either is zero.
func cosines(of vector: [Float], in table: EmbeddingTable) -> [Float] {
    var products = [Float](repeating: 0, count: table.rowCount)
    table.withRows { rows in
        let variant = KernelVariant.best
        let norm = variant.dot(vector.span, vector.span).squareRoot()
        var output = products.mutableSpan
        variant.matrixVector(rows, vector: vector.span, output: &output)
        for row in 0..<table.rowCount {
            let own = rows.extracting(row * table.dimension..<(row + 1) * table.dimension)
            let length = variant.dot(own, own).squareRoot() * norm
            output[row] = length > 0 ? output[row] / length : 0
        }
    }
    return products
}
