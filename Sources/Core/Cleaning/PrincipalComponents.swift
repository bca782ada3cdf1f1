package import Embeddings
internal import Propagation

/// The directions in which features vary most: principal component analysis (Pearson 1901;
/// Hotelling 1933), from the eigenvectors of the covariance matrix in float64 (LAPACK dsyevd).
///
/// Features of different units are to be standardized first. The sign of a component is the one
/// that makes its number of the largest magnitude positive.
package struct PrincipalComponents: Hashable, Sendable {
    package let projection: LinearProjection
    /// Along each component, divided by n − 1; descending.
    package let explainedVariance: [Double]
    /// Of all features together.
    package let totalVariance: Double

    package var explainedVarianceRatio: [Double] { explainedVariance.map { $0 / totalVariance } }

    /// Eigenvalues below this share of the first are rounding.
    private static let leastShare = 1e-12

    /// - Parameter count: components wanted, at least 1; there are fewer where the rows span fewer.
    /// - Complexity: O(n p² + p³) for n rows of p features.
    package init(_ matrix: FeatureMatrix, count: Int) throws(FeatureError) {
        precondition(count >= 1, "\(count) principal components")
        try matrix.checkFinite()
        try matrix.checkRows(matrix.rowCount, least: 2)
        let width = matrix.columnCount
        let mean = matrix.means(of: Array(0..<matrix.rowCount))
        let centred = matrix.values.indices.map { matrix.values[$0] - mean[$0 % width] }
        let gram = SymmetricMatrix(gramOf: centred, columnCount: width)
        let (eigenvalues, vectors) = gram.eigen()
        guard let first = eigenvalues.first, first > 0, first.isFinite else {
            throw FeatureError(
                code: .constant,
                place: "features",
                problem: "all \(width) features are constant over \(matrix.rowCount) rows, or too "
                    + "large to square",
                remedy: "give features that differ, standardized"
            )
        }
        let kept = eigenvalues.prefix(count).prefix { $0 > Self.leastShare * first }
        let freedom = Double(matrix.rowCount - 1)
        projection = LinearProjection(
            mean: mean,
            components: kept.indices.flatMap(vectors.oriented)
        )
        explainedVariance = kept.map { $0 / freedom }
        totalVariance = (0..<width).reduce(0) { $0 + gram.values[$1 * width + $1] } / freedom
    }

    package func transform(_ matrix: FeatureMatrix) throws(FeatureError) -> FeatureMatrix {
        try projection.transform(matrix, prefix: "pc")
    }

    /// The projection's tensors, `<name>.variance` (F64 [components]) and `<name>.total` (F64 [1]).
    package func tensors(_ name: String) -> [Tensor] {
        projection.tensors(name) + [
            Tensor(
                "\(name).variance",
                shape: [explainedVariance.count],
                doubles: explainedVariance
            ),
            Tensor("\(name).total", shape: [1], doubles: [totalVariance]),
        ]
    }

    package init(_ name: String, from tensors: [Tensor]) throws(TensorError) {
        projection = try LinearProjection(name, from: tensors)
        let shape = [projection.componentCount]
        explainedVariance = try tensors.tensor("\(name).variance", .float64, shape: shape).doubles()
        totalVariance = try tensors.tensor("\(name).total", .float64, shape: [1]).doubles()[0]
    }
}
