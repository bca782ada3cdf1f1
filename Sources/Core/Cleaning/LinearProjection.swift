internal import Embeddings

/// Directions in feature space, and the point that they start from.
package struct LinearProjection: Hashable, Sendable {
    /// The training rows' mean, one number a feature.
    package let mean: [Double]
    /// Shape [componentCount, mean.count], row-major: a direction a row.
    package let components: [Double]

    init(mean: [Double], components: [Double]) {
        precondition(
            mean.isEmpty ? components.isEmpty : components.count.isMultiple(of: mean.count),
            "\(components.count) numbers for directions of \(mean.count)"
        )
        self.mean = mean
        self.components = components
    }

    package var featureCount: Int { mean.count }
    package var componentCount: Int { mean.isEmpty ? 0 : components.count / mean.count }

    package func component(_ index: Int) -> [Double] {
        Array(components[index * featureCount..<(index + 1) * featureCount])
    }

    /// (x − mean) along every direction, for rows of the training slice or later ones.
    ///
    /// - Parameters:
    ///   - matrix: shape [n, featureCount].
    ///   - prefix: `pc` gives the columns pc0, pc1 …
    /// - Returns: shape [n, componentCount].
    /// - Complexity: O(n · featureCount · componentCount).
    package func transform(
        _ matrix: FeatureMatrix,
        prefix: String
    ) throws(FeatureError) -> FeatureMatrix {
        guard matrix.columnCount == featureCount else {
            throw FeatureError(
                code: .wrongWidth,
                place: "features",
                problem: "rows of \(matrix.columnCount) numbers, the projection learned "
                    + "\(featureCount)",
                remedy: "clean the rows with the fit that the projection was trained after"
            )
        }
        try matrix.checkFinite()
        var values: [Double] = []
        values.reserveCapacity(matrix.rowCount * componentCount)
        for row in 0..<matrix.rowCount {
            for component in 0..<componentCount {
                var sum = 0.0
                for feature in 0..<featureCount {
                    let deviation = matrix[row, feature] - mean[feature]
                    sum += deviation * components[component * featureCount + feature]
                }
                values.append(sum)
            }
        }
        return FeatureMatrix(
            columnNames: (0..<componentCount).map { "\(prefix)\($0)" },
            rowCount: matrix.rowCount,
            values: values
        )
    }

    /// `<name>.mean` (F64 [features]) and `<name>.components` (F64 [components, features]).
    func tensors(_ name: String) -> [Tensor] {
        let shape = [componentCount, featureCount]
        return [
            Tensor("\(name).mean", shape: [featureCount], doubles: mean),
            Tensor("\(name).components", shape: shape, doubles: components),
        ]
    }

    init(_ name: String, from tensors: [Tensor]) throws(TensorError) {
        let mean = try tensors.tensor("\(name).mean", .float64, shape: [nil]).doubles()
        let shape = [nil, mean.count]
        let components = try tensors.tensor("\(name).components", .float64, shape: shape)
        self.init(mean: mean, components: components.doubles())
    }
}

extension FeatureMatrix {
    /// The mean of every column over some rows, between the column's extremes: exact where it is
    /// constant.
    func means(of rows: [Int]) -> [Double] {
        (0..<columnCount).map { column in
            var sum = 0.0
            var (low, high) = (Double.infinity, -Double.infinity)
            for row in rows {
                let value = self[row, column]
                sum += value
                (low, high) = (min(low, value), max(high, value))
            }
            return rows.isEmpty ? 0 : min(max(sum / Double(rows.count), low), high)
        }
    }

    /// Refuses fewer rows than `least`.
    func checkRows(_ count: Int, least: Int) throws(FeatureError) {
        guard count < least else { return }
        throw FeatureError(
            code: .tooFewRows,
            place: "features",
            problem: "\(count) rows to learn from, at least \(least) are needed",
            remedy: "give more rows, or train without this projection"
        )
    }
}
