import Evaluation
import Foundation

extension EvaluationReport {
    /// The object that scripts read; keys as the design fixes them.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "protocol": .string(protocolName),
            "data": .string(dataName),
            "model": .string(model),
            "seed": .integer(Int(clamping: seed)),
            "instances": .integer(instances),
            "metrics": Self.json(metrics),
            "baselines": .object(
                Dictionary(
                    baselines.map { ($0.name, Self.json($0.metrics)) },
                    uniquingKeysWith: { first, _ in first }
                )
            ),
            "train_seconds": .number(trainSeconds),
            "peak_rss_bytes": .integer(peakRSSBytes),
        ]
        if let strict { members["strict"] = Self.json(strict) }
        if !groups.isEmpty {
            members["groups"] = .object(
                Dictionary(
                    groups.map { group in
                        (
                            group.name,
                            .object([
                                "instances": .integer(group.instances),
                                "metrics": Self.json(group.metrics),
                            ])
                        )
                    },
                    uniquingKeysWith: { first, _ in first }
                )
            )
        }
        return .object(members)
    }

    /// One line a model or baseline, one column a metric.
    func printTable() {
        print("\(protocolName) on \(dataName), seed \(seed): \(instances) instances")
        var table = TextTable()
        table.add(cells: [""] + metrics.map(\.name))
        table.add(cells: Self.row(model, metrics))
        if let strict { table.add(cells: Self.row("\(model), strict history", strict)) }
        for group in groups {
            table.add(cells: Self.row("\(model), \(group.instances) \(group.name)", group.metrics))
        }
        for baseline in baselines { table.add(cells: Self.row(baseline.name, baseline.metrics)) }
        table.print()
        let seconds = String(format: "%.1f", trainSeconds)
        print("trained in \(seconds) s; peak memory \(peakRSSBytes >> 20) MiB")
    }

    private static func json(_ metrics: Metrics) -> JSONValue {
        .object(
            Dictionary(
                metrics.map { ($0.name, JSONValue.number($0.value)) },
                uniquingKeysWith: { first, _ in first }
            )
        )
    }

    private static func row(_ name: String, _ metrics: Metrics) -> [String] {
        [name] + metrics.map { String(format: "%.4f", $0.value) }
    }
}
