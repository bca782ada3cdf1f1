internal import Propagation
package import Workers

/// Intervals of the difference between two rankings of the same instances (Efron 1979; paired as
/// in Koehn 2004): instances are drawn with replacement, and both are averaged over the same draw.
package struct PairedBootstrap: Sendable {
    package struct Interval: Hashable, Sendable {
        package var metric: String
        /// The 2.5 % and the 97.5 % point of the difference of the means.
        package var low: Double
        package var high: Double
    }

    /// The end points move by about 0.02 of the interval's width from seed to seed.
    package static let resampleCount = 10_000
    /// Resamples of one block of work.
    private static let blockSize = 250

    private let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    /// 95 % intervals of `model` minus each of `others`, for the metrics that are means over
    /// instances and that both have. Every comparison reads the same draws.
    ///
    /// Resample r draws instance ⌊n x / 2⁶⁴⌋ for the numbers x of SplitMix64(seed + r).
    ///
    /// - Complexity: 10,000 · instances · metrics · others.length additions.
    package func intervals(
        of model: Outcomes,
        over others: [Outcomes],
        on pool: WorkerPool
    ) -> [[Interval]] {
        let pairs = others.map { other in Self.shared(model, other) }
        let differences = pairs.flatMap { $0.map(\.difference) }
        let points = endPoints(of: differences, instanceCount: model.instanceCount, on: pool)
        var next = 0
        return pairs.map { pair in
            pair.map { column in
                defer { next += 1 }
                return Interval(metric: column.name, low: points[next].low, high: points[next].high)
            }
        }
    }

    private static func shared(
        _ model: Outcomes,
        _ other: Outcomes
    ) -> [(name: String, difference: [Double])] {
        precondition(
            model.instanceCount == other.instanceCount,
            "\(model.instanceCount) instances against \(other.instanceCount)"
        )
        return model.columns.compactMap { column in
            guard let match = other.columns.first(where: { $0.name == column.name }) else {
                return nil
            }
            return (column.name, zip(column.values, match.values).map { $0 - $1 })
        }
    }

    /// The interval of each column's mean.
    private func endPoints(
        of columns: [[Double]],
        instanceCount: Int,
        on pool: WorkerPool
    ) -> [(low: Double, high: Double)] {
        guard instanceCount > 0, !columns.isEmpty else { return columns.map { _ in (0, 0) } }
        // Row-major, four columns a number, padded with zeros: a draw adds one run of memory.
        let width = (columns.count + 3) / 4
        var rows = [SIMD4<Double>](repeating: .zero, count: instanceCount * width)
        for (column, values) in columns.enumerated() {
            for (index, value) in values.enumerated() {
                rows[index * width + column / 4][column % 4] = value
            }
        }
        let table = rows
        let blockCount = Self.resampleCount / Self.blockSize
        let blocks = pool.mapBlocks(blockCount) { block in
            let first = block * Self.blockSize
            var means: [SIMD4<Double>] = []
            for resample in first..<first + Self.blockSize {
                means += self.means(of: table, width, instanceCount, resample: resample)
            }
            return means
        }
        let means = blocks.flatMap { $0 }
        // As many resamples are left out below as above.
        let cut = Self.resampleCount / 40
        return columns.indices.map { column in
            let sorted = (0..<Self.resampleCount)
                .map { means[$0 * width + column / 4][column % 4] }.sorted()
            return (sorted[cut], sorted[Self.resampleCount - 1 - cut])
        }
    }

    private func means(
        of rows: [SIMD4<Double>],
        _ width: Int,
        _ instanceCount: Int,
        resample: Int
    ) -> [SIMD4<Double>] {
        var generator = SplitMix64(seed: seed &+ UInt64(resample))
        var sums = [SIMD4<Double>](repeating: .zero, count: width)
        for _ in 0..<instanceCount {
            let number = generator.next().multipliedFullWidth(by: UInt64(instanceCount)).high
            let start = Int(number) * width
            for column in 0..<width { sums[column] += rows[start + column] }
        }
        return sums.map { $0 / Double(instanceCount) }
    }
}
