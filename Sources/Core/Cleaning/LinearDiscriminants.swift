package import Embeddings
internal import Propagation

/// The directions that tell classes apart best: linear discriminant analysis (Fisher 1936; Rao
/// 1948), S_b v = λ S_w v.
///
/// S_w is the covariance within classes and S_b that of the class means, both divided by n. S_w is
/// shrunk to a sphere, (1 − a) S_w + a · tr(S_w + S_b) / p · I (Friedman 1989, "Regularized
/// discriminant analysis", who takes tr S_w alone; with S_b, features that are constant within
/// every class still count). Solved by whitening S_w, then the eigenvectors of what is left of S_b,
/// in float64 (LAPACK dsyevd). A component v has vᵀ S_w v = 1, and the sign that makes its number of
/// the largest magnitude positive.
package struct LinearDiscriminants: Hashable, Sendable {
    package let projection: LinearProjection
    /// λ of each component, variance between classes over variance within; descending.
    package let separations: [Double]

    /// The share of each component in the separation by all that were kept.
    package var explainedRatio: [Double] {
        let sum = separations.reduce(0, +)
        return separations.map { $0 / sum }
    }

    /// Enough against the rounding of a singular S_w, too little to show in one that is not.
    package static let defaultShrinkage = 1e-4
    /// Separations below this share of the first are rounding.
    private static let leastShare = 1e-10

    /// - Parameters:
    ///   - classes: one a row; rows of class −1 have none and are left out.
    ///   - count: components wanted; there are at most one fewer than classes.
    ///   - shrinkage: a, above 0 up to 1.
    /// - Complexity: O(n p² + p³) for n rows of p features.
    package init(
        _ matrix: FeatureMatrix,
        classes: [Int32],
        count: Int,
        shrinkage: Double = defaultShrinkage
    ) throws(FeatureError) {
        precondition(count >= 1, "\(count) discriminants")
        precondition(shrinkage > 0 && shrinkage <= 1, "shrinkage \(shrinkage)")
        precondition(classes.count == matrix.rowCount, "\(classes.count) classes")
        try matrix.checkFinite()
        let rows = classes.indices.filter { classes[$0] >= 0 }
        try matrix.checkRows(rows.count, least: 2)
        let scatter = try ClassScatter(matrix, rows, classes)
        let whitening = try scatter.whitening(shrinkage)
        let width = matrix.columnCount
        let between = SymmetricMatrix(
            gramOf: Self.product(scatter.between, whitening, inner: width),
            columnCount: width
        )
        let (eigenvalues, vectors) = between.eigen()
        let first = eigenvalues.first ?? 0
        let most = min(count, scatter.classCount - 1)
        let kept = eigenvalues.prefix(most).prefix { $0 > Self.leastShare * first && $0 > 0 }
        guard !kept.isEmpty else {
            throw FeatureError(
                code: .constant,
                place: "features",
                problem: "all \(scatter.classCount) classes have the same mean",
                remedy: "give features that differ between classes, or use principal components"
            )
        }
        let directions = kept.indices.map { rank in
            let vector = Self.product(whitening, vectors.oriented(rank), inner: width)
            return SymmetricMatrix.Vectors.oriented(vector)
        }
        projection = LinearProjection(mean: scatter.mean, components: directions.flatMap(\.self))
        separations = Array(kept)
    }

    /// left · right for row-major matrices, `inner` columns of the one and rows of the other.
    private static func product(_ left: [Double], _ right: [Double], inner: Int) -> [Double] {
        let (rowCount, width) = (left.count / inner, right.count / inner)
        var product = [Double](repeating: 0, count: rowCount * width)
        for row in 0..<rowCount {
            for middle in 0..<inner {
                let factor = left[row * inner + middle]
                for column in 0..<width {
                    product[row * width + column] += factor * right[middle * width + column]
                }
            }
        }
        return product
    }

    package func transform(_ matrix: FeatureMatrix) throws(FeatureError) -> FeatureMatrix {
        try projection.transform(matrix, prefix: "ld")
    }

    /// The projection's tensors and `<name>.separations` (F64 [components]).
    package func tensors(_ name: String) -> [Tensor] {
        projection.tensors(name) + [
            Tensor("\(name).separations", shape: [separations.count], doubles: separations)
        ]
    }

    package init(_ name: String, from tensors: [Tensor]) throws(TensorError) {
        projection = try LinearProjection(name, from: tensors)
        let shape = [projection.componentCount]
        separations = try tensors.tensor("\(name).separations", .float64, shape: shape).doubles()
    }
}

/// How rows lie within classes and classes within all rows.
private struct ClassScatter {
    let classCount: Int
    let rowCount: Int
    /// Of all rows.
    let mean: [Double]
    /// n S_w.
    let within: SymmetricMatrix
    /// M with MᵀM = S_b, shape [classCount, p]: √(n_c / n) · (class mean − mean).
    let between: [Double]

    init(_ matrix: FeatureMatrix, _ rows: [Int], _ classes: [Int32]) throws(FeatureError) {
        let byClass = Dictionary(grouping: rows) { classes[$0] }.sorted { $0.key < $1.key }
        guard byClass.count >= 2 else {
            throw FeatureError(
                code: .oneClass,
                place: "features",
                problem: "all \(rows.count) rows are of one class",
                remedy: "give rows of at least two classes, or use principal components"
            )
        }
        classCount = byClass.count
        rowCount = rows.count
        let width = matrix.columnCount
        let mean = matrix.means(of: rows)
        var centred: [Double] = []
        var between: [Double] = []
        for (_, members) in byClass {
            let classMean = matrix.means(of: members)
            let weight = (Double(members.count) / Double(rows.count)).squareRoot()
            for column in 0..<width { between.append(weight * (classMean[column] - mean[column])) }
            for row in members {
                for column in 0..<width { centred.append(matrix[row, column] - classMean[column]) }
            }
        }
        self.mean = mean
        self.between = between
        within = SymmetricMatrix(gramOf: centred, columnCount: width)
    }

    /// W = U Λ^(-1/2) with U Λ Uᵀ the shrunk S_w, shape [p, p]: Wᵀ S_w W = I.
    func whitening(_ shrinkage: Double) throws(FeatureError) -> [Double] {
        let size = within.size
        var values = within.values.map { (1 - shrinkage) * $0 / Double(rowCount) }
        let traceWithin = (0..<size).reduce(0) { $0 + within.values[$1 * size + $1] }
        let traceBetween = between.reduce(0) { $0 + $1 * $1 }
        let trace = traceWithin / Double(rowCount) + traceBetween
        guard trace > 0, trace.isFinite else {
            throw FeatureError(
                code: .constant,
                place: "features",
                problem: "all \(size) features are constant over \(rowCount) rows, or too large to "
                    + "square",
                remedy: "give features that differ, standardized"
            )
        }
        for index in 0..<size { values[index * size + index] += shrinkage * trace / Double(size) }
        let (eigenvalues, vectors) = SymmetricMatrix(size: size, values: values).eigen()
        var whitening = [Double](repeating: 0, count: size * size)
        for rank in 0..<size {
            let vector = vectors.oriented(rank)
            let scale = 1 / eigenvalues[rank].squareRoot()
            for row in 0..<size { whitening[row * size + rank] = vector[row] * scale }
        }
        return whitening
    }
}
