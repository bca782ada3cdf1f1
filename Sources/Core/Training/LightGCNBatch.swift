internal import Glibc
package import Graphs
package import Models
internal import Propagation

/// Some users and what they met, and the loss of vectors for them.
package struct LightGCNBatch: Sendable {
    /// Ascending by place in the batch.
    package let users: [Int]
    /// What each user's items count, shape [users.count, items]: a user's sum is n^activity over
    /// the mean of it, divided by the size of the batch.
    package let targets: CSRMatrix

    package init(users: [Int], targets: CSRMatrix) {
        self.users = users
        self.targets = targets
    }

    /// Every user of a graph as a part of its batch.
    package struct Source: Sendable {
        private let strengths: CSRMatrix
        /// By user; 0 for those who met nothing.
        private let weights: [Float]
        /// Who met something.
        package let users: [Int]

        package init(_ graph: LightGCNGraph, settings: LightGCNSettings) {
            let strengths = graph.strengths
            self.strengths = strengths
            let degrees = (0..<strengths.rowCount).map { user in
                strengths.range(ofRow: user).reduce(0.0) {
                    $0 + Double(max(0, strengths.values[$1]))
                }
            }
            users = degrees.indices.filter { degrees[$0] > 0 }
            let powers = degrees.map {
                CSRMatrix.inversePower(of: $0, exponent: -settings.activityExponent)
            }
            let mean = users.reduce(0) { $0 + powers[$1] } / Double(max(1, users.count))
            weights = zip(powers, degrees).map { power, degree in
                degree > 0 ? Float(power / mean / degree) : 0
            }
        }

        package func batch(of users: [Int]) -> LightGCNBatch {
            var offsets = [0]
            var columns: [Int32] = []
            var values: [Float] = []
            for user in users {
                let scale = weights[user] / Float(users.count)
                for position in strengths.range(ofRow: user) where strengths.values[position] > 0 {
                    columns.append(strengths.columns[position])
                    values.append(scale * strengths.values[position])
                }
                offsets.append(columns.count)
            }
            return LightGCNBatch(
                users: users,
                targets: CSRMatrix(
                    rowCount: users.count,
                    columnCount: strengths.columnCount,
                    rowOffsets: offsets,
                    columns: columns,
                    values: values
                )
            )
        }
    }

    /// Each item met, beside drawn ones that were not.
    func samples(
        from sampler: NegativeSampler,
        count: Int,
        using generator: inout SplitMix64
    ) -> PairSamples {
        var samples = PairSamples(negativeCount: count)
        for (row, user) in users.enumerated() {
            for position in targets.range(ofRow: row) {
                samples.users.append(Int32(row))
                samples.positives.append(targets.columns[position])
                samples.weights.append(targets.values[position])
                for _ in 0..<count {
                    let (item, logProbability) = sampler.draw(
                        beside: targets.columns[position],
                        user: user,
                        using: &generator
                    )
                    samples.negatives.append(item)
                    // The sum over negatives then stands for that over all items.
                    let correction = logProbability.map { -$0 - logf(Float(count)) }
                    samples.corrections.append(correction ?? 0)
                }
            }
        }
        return samples
    }
}
