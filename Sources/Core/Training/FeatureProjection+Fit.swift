internal import Cleaning
internal import Embeddings
internal import Events
internal import Models

/// Why nothing was learned from the features of items: training goes on without.
struct FeatureRefusal: Error {
    enum Reason: String {
        /// Fewer items than `minItems` have both events and features.
        case tooFew = "too-few-items"
        case constant
        /// A regression on them foretells held-out embeddings no better than their mean.
        case sayNothing = "say-nothing"
    }
    var reason: Reason
    /// Items that have both.
    var count: Int
}

extension FeatureProjection {
    /// Fewer items with events and features teach nothing.
    static let minItems = 20
    static let maxComponents = 64
    /// Numbers that the regression looks at, 128 MB: of larger catalogues an evenly spread part.
    private static let maxNumbers = 1 << 24
    private static let maxRows = 20_000

    /// Learns the embeddings of items with events from their features.
    ///
    /// Every column is standardized over the items that have it, and every vector weighs the same,
    /// whatever its length; then PCA, then ridge regression on the components.
    ///
    /// - Parameter eventCounts: by item; items without events are what it is for.
    /// - Complexity: O(n p² + p³ + n · 64 · d) for n items, p features.
    static func fit(
        _ catalogue: ItemTable,
        eventCounts: [Int],
        embeddings: EmbeddingTable
    ) throws(FeatureRefusal) -> FeatureProjection {
        let known = eventCounts.indices.filter { eventCounts[$0] > 0 }
        let blocks = blocks(of: known.map { catalogue.features[$0] })
        let described = known.compactMap { item in
            layOut(catalogue.features[item], blocks: blocks).map { (item: item, numbers: $0) }
        }
        guard described.count >= minItems else {
            throw FeatureRefusal(reason: .tooFew, count: described.count)
        }
        let width = blocks.reduce(0) { $0 + $1.length }
        let limit = max(minItems, min(maxRows, maxNumbers / width))
        let rows = (0..<min(limit, described.count)).map {
            described[$0 * described.count / min(limit, described.count)]
        }
        let scaling = FeatureScaling(rows.map(\.numbers), blocks: blocks)
        let matrix = FeatureMatrix(
            columnNames: (0..<width).map { "\($0)" },
            rowCount: rows.count,
            values: rows.flatMap { scaling.applied(to: $0.numbers) }
        )
        let directions: PrincipalComponents
        do {
            directions = try PrincipalComponents(matrix, count: maxComponents)
        } catch {
            // Numbers are finite and rows enough: what is left is that none of them varies.
            throw FeatureRefusal(reason: .constant, count: rows.count)
        }
        let ridge = RidgeRegression(
            scores: directions.scores(of: matrix),
            rowCount: rows.count,
            targets: rows.map { embeddings.row($0.item) }
        )
        guard let weights = ridge.bestWeights else {
            throw FeatureRefusal(reason: .sayNothing, count: rows.count)
        }
        let projection = directions.projection
        return FeatureProjection(
            blocks: blocks,
            mean: scaling.means.map { Float($0) },
            components: projection.components.indices.map {
                Float(projection.components[$0] * scaling.scales[$0 % width])
            },
            weights: weights.map { Float($0) },
            intercept: ridge.mean.map { Float($0) }
        )
    }

    /// The vectors that items have, each in the length that most have: the commonest names first
    /// until there are `EventLimits.maxFeatureValues` numbers, ascending by name.
    private static func blocks(of features: [[FeatureVector]]) -> [Block] {
        var counts: [Block: Int] = [:]
        for vector in features.joined() {
            counts[Block(name: vector.name, length: vector.values.count), default: 0] += 1
        }
        let ranked = counts.sorted { left, right in
            (right.value, left.key.name, left.key.length)
                < (left.value, right.key.name, right.key.length)
        }
        var chosen: [String: Block] = [:]
        var width = 0
        for (block, _) in ranked where chosen[block.name] == nil {
            guard width + block.length <= EventLimits.maxFeatureValues else { continue }
            width += block.length
            chosen[block.name] = block
        }
        return chosen.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

/// Puts every column at mean 0, and every vector's columns together at variance 1.
private struct FeatureScaling {
    let means: [Double]
    /// 0 for a constant column.
    let scales: [Double]

    init(_ rows: [[Float?]], blocks: [FeatureProjection.Block]) {
        var means: [Double] = []
        var scales: [Double] = []
        for block in blocks {
            let first = means.count
            for column in first..<first + block.length {
                let (mean, deviation) = Self.moments(of: column, in: rows)
                means.append(mean)
                scales.append(deviation > 1e-6 * max(1e-6, abs(mean)) ? 1 / deviation : 0)
            }
            let varying = scales[first...].count { $0 > 0 }
            let share = 1 / Double(max(1, varying)).squareRoot()
            for column in first..<means.count { scales[column] *= share }
        }
        self.means = means
        self.scales = scales
    }

    /// Over the rows that have the column.
    private static func moments(
        of column: Int,
        in rows: [[Float?]]
    ) -> (mean: Double, deviation: Double) {
        var (count, sum, squares) = (0.0, 0.0, 0.0)
        for row in rows {
            guard let value = row[column] else { continue }
            count += 1
            sum += Double(value)
        }
        let mean = count > 0 ? sum / count : 0
        for row in rows {
            guard let value = row[column] else { continue }
            squares += (Double(value) - mean) * (Double(value) - mean)
        }
        return (mean, count > 1 ? (squares / (count - 1)).squareRoot() : 0)
    }

    /// A missing number is at its mean.
    func applied(to row: [Float?]) -> [Double] {
        row.indices.map { column in
            row[column].map { (Double($0) - means[column]) * scales[column] } ?? 0
        }
    }
}

extension PrincipalComponents {
    /// Every row along every direction, shape [rowCount, components]; the columns' means are 0.
    fileprivate func scores(of matrix: FeatureMatrix) -> [Double] {
        let (width, directions) = (matrix.columnCount, projection.components)
        var scores: [Double] = []
        scores.reserveCapacity(matrix.rowCount * projection.componentCount)
        for row in 0..<matrix.rowCount {
            for component in 0..<projection.componentCount {
                var sum = 0.0
                for column in 0..<width {
                    sum +=
                        matrix.values[row * width + column]
                        * directions[component * width + column]
                }
                scores.append(sum)
            }
        }
        return scores
    }
}
