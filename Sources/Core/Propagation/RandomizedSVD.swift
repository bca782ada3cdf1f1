package import Graphs
package import Workers

/// The leading singular values and right singular vectors of a sparse matrix.
///
/// Randomized subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4) on RᵀR: from a
/// seeded Gaussian block, 1 + `powerIterations` times Q ← orth(Rᵀ(R Q)), then the exact
/// decomposition of R Q. Work is split in fixed row blocks, so that any number of threads gives the same bits.
package struct RandomizedSVD: Sendable {
    /// Descending, all above 10⁻⁶ of the first; fewer than the rank asked for where the matrix has
    /// no more.
    package let singularValues: [Double]
    /// Shape [columnCount, singularValues.count], orthonormal columns.
    package let rightVectors: DenseMatrix

    package struct Settings: Hashable, Sendable {
        package var rank: Int
        /// Columns beyond `rank` in the block: the last vectors converge faster.
        package var oversampling: Int
        package var powerIterations: Int
        package var seed: UInt64

        package init(rank: Int, oversampling: Int = 32, powerIterations: Int = 3, seed: UInt64) {
            precondition(rank >= 1, "rank \(rank)")
            precondition(oversampling >= 0 && powerIterations >= 0, "oversampling, iterations")
            self.rank = rank
            self.oversampling = oversampling
            self.powerIterations = powerIterations
            self.seed = seed
        }
    }

    /// - Parameter step: called after each iteration with the share done, 0...1; false skips the
    ///   others.
    /// - Complexity: with b = rank + oversampling and q = powerIterations,
    ///   O(q · (nonZeroCount · b + columnCount · b²)) time, (2 columnCount + rowCount) · b floats.
    package init(
        _ matrix: CSRMatrix,
        settings: Settings,
        on pool: WorkerPool,
        step: (Double) -> Bool = { _ in true }
    ) {
        let width = min(
            settings.rank + settings.oversampling,
            matrix.rowCount,
            matrix.columnCount
        )
        let transpose = matrix.transposed()
        var basis = DenseMatrix.gaussian(
            rowCount: matrix.columnCount,
            columnCount: width,
            seed: settings.seed,
            on: pool
        )
        for iteration in 0...settings.powerIterations {
            basis = matrix.multiplied(by: basis, on: pool)
            basis = transpose.multiplied(by: basis, on: pool)
            basis = basis.orthonormalized(on: pool)
            guard step(Double(iteration + 1) / Double(settings.powerIterations + 2)) else { break }
        }
        let image = matrix.multiplied(by: basis, on: pool)
        let (eigenvalues, vectors) = image.gram(on: pool).eigen()
        let floor = 1e-12 * (eigenvalues.first ?? 0)
        let kept = min(settings.rank, eigenvalues.prefix { $0 > floor && $0 > 0 }.count)
        self.singularValues = eigenvalues.prefix(kept).map { $0.squareRoot() }
        self.rightVectors = basis.multiplied(by: vectors.columns(kept) { _ in 1 }, on: pool)
    }
}
