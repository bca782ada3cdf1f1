/// Ridge regression of several targets on uncorrelated scores (Hoerl and Kennard 1970): on principal
/// components XᵀX is diagonal, so that every penalty has its solution in closed form.
struct RidgeRegression {
    /// The targets' mean, shape [d].
    let mean: [Double]
    private let scores: [Double]
    private let targets: [[Float]]
    private let componentCount: Int
    /// Σ z² of each component.
    private let energies: [Double]
    /// Zᵀ(Y − mean), shape [components, d].
    private let products: [Double]

    /// Penalties that are tried, times the largest Σ z².
    static let penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10]
    /// Rows that the penalties are judged on, evenly spread.
    private static let judgedRows = 1_000

    /// - Parameters:
    ///   - scores: Z, shape [rowCount, components], row-major; orthogonal columns of mean 0.
    ///   - targets: Y, `rowCount` rows of equal length d.
    init(scores: [Double], rowCount: Int, targets: [[Float]]) {
        precondition(targets.count == rowCount && rowCount > 1, "\(targets.count) targets")
        let (width, dimension) = (scores.count / rowCount, targets[0].count)
        var mean = [Double](repeating: 0, count: dimension)
        for target in targets {
            for column in 0..<dimension { mean[column] += Double(target[column]) }
        }
        for column in 0..<dimension { mean[column] /= Double(rowCount) }
        var energies = [Double](repeating: 0, count: width)
        var products = [Double](repeating: 0, count: width * dimension)
        for row in 0..<rowCount {
            let deviations = (0..<dimension).map { Double(targets[row][$0]) - mean[$0] }
            for component in 0..<width {
                let score = scores[row * width + component]
                energies[component] += score * score
                let start = component * dimension
                for column in 0..<dimension {
                    products[start + column] += score * deviations[column]
                }
            }
        }
        self.mean = mean
        self.scores = scores
        self.targets = targets
        self.energies = energies
        self.products = products
        componentCount = width
    }

    /// W, shape [components, d], under the penalty that foretells left-out rows best; nil where
    /// none does so better than the mean of the others.
    var bestWeights: [Double]? {
        let largest = energies.max() ?? 0
        guard largest > 0 else { return nil }
        var least = leftOutError(nil, 0)
        var best: [Double]?
        for factor in Self.penalties {
            let tried = weights(factor * largest)
            let error = leftOutError(tried, factor * largest)
            guard error < least else { continue }
            least = error
            best = tried
        }
        return best
    }

    private func weights(_ penalty: Double) -> [Double] {
        products.indices.map { products[$0] / (energies[$0 / mean.count] + penalty) }
    }

    /// The squared error of rows that each were left out of the fit (PRESS, Allen 1974): residuals
    /// over 1 − leverage.
    ///
    /// - Parameter weights: nil for the mean alone.
    private func leftOutError(_ weights: [Double]?, _ penalty: Double) -> Double {
        let rowCount = targets.count
        let judged = min(Self.judgedRows, rowCount)
        let dimension = mean.count
        var error = 0.0
        for index in 0..<judged {
            let row = index * rowCount / judged
            var leverage = 1 / Double(rowCount)
            var guess = mean
            if let weights {
                for component in 0..<componentCount {
                    let score = scores[row * componentCount + component]
                    leverage += score * score / (energies[component] + penalty)
                    let start = component * dimension
                    for column in 0..<dimension { guess[column] += score * weights[start + column] }
                }
            }
            var squares = 0.0
            for column in 0..<dimension {
                let residual = Double(targets[row][column]) - guess[column]
                squares += residual * residual
            }
            let left = max(1e-6, 1 - leverage)
            error += squares / (left * left)
        }
        return error
    }
}
