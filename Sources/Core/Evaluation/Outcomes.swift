/// What an evaluation found, instance by instance: one column a metric.
///
/// Kept apart by instance so that means of any part, deviations and paired intervals all come from
/// the same numbers.
package struct Outcomes: Sendable {
    package typealias Column = (name: String, values: [Double])

    /// Each of `instanceCount` values, in the order of the instances.
    package let columns: [Column]
    /// Metrics of all instances together, which are no means: `coverage@20`, `median-km`.
    package let whole: EvaluationReport.Metrics
    package let instanceCount: Int

    package init(_ columns: [Column], whole: EvaluationReport.Metrics, instanceCount: Int) {
        for column in columns {
            precondition(
                column.values.count == instanceCount,
                "\(column.name): \(column.values.count) values of \(instanceCount) instances"
            )
        }
        self.columns = columns
        self.whole = whole
        self.instanceCount = instanceCount
    }

    /// The means of all columns, then `whole`. 0 without instances.
    package var metrics: EvaluationReport.Metrics {
        columns.map { ($0.name, Self.mean($0.values)) } + whole
    }

    /// The means over the instances at `positions` alone.
    package func metrics(of positions: [Int]) -> EvaluationReport.Metrics {
        columns.map { column in
            (column.name, Self.mean(positions.map { column.values[$0] }))
        }
    }

    /// The instances at `positions` alone, without `whole`.
    func restricted(to positions: [Int]) -> Outcomes {
        Outcomes(
            columns.map { column in (column.name, positions.map { column.values[$0] }) },
            whole: [],
            instanceCount: positions.count
        )
    }

    /// The same instances' outcomes over several seeds, averaged.
    ///
    /// - Parameter seeds: at least one, of the same columns and instances.
    package static func mean(of seeds: [Outcomes]) -> Outcomes {
        guard seeds.count > 1, let first = seeds.first else { return seeds[0] }
        let scale = 1 / Double(seeds.count)
        let columns = first.columns.indices.map { column -> Column in
            var sums = [Double](repeating: 0, count: first.instanceCount)
            for seed in seeds {
                let values = seed.columns[column].values
                for index in sums.indices { sums[index] += values[index] }
            }
            return (first.columns[column].name, sums.map { $0 * scale })
        }
        let whole = first.whole.indices.map { index in
            (first.whole[index].name, seeds.reduce(0) { $0 + $1.whole[index].value } * scale)
        }
        return Outcomes(columns, whole: whole, instanceCount: first.instanceCount)
    }

    /// The sample standard deviation (n − 1) of every metric over seeds; 0 for one seed.
    package static func deviations(of seeds: [Outcomes]) -> EvaluationReport.Metrics {
        let metrics = seeds.map(\.metrics)
        guard let first = metrics.first else { return [] }
        return first.indices.map { index in
            let values = metrics.map { $0[index].value }
            let mean = mean(values)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (first[index].name, (squares / Double(max(1, values.count - 1))).squareRoot())
        }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(max(1, values.count))
    }
}
