import Evaluation
import Foundation

extension EvaluationReport {
    /// The object that scripts read; keys as the design fixes them.
    ///
    /// `metrics` are means over `seeds`; `groups` holds those of people and, with a slash in their
    /// names, the details by hour of the week and cell.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "protocol": .string(protocolName),
            "part": .string(part.rawValue),
            "data": .string(dataName),
            "model": .string(model),
            "seed": .integer(Int(clamping: seeds[0])),
            "seeds": .array(seeds.map { .integer(Int(clamping: $0)) }),
            "instances": .integer(instances),
            "metrics": Self.json(metrics),
            "baselines": Self.object(baselines.map { ($0.name, Self.json($0.metrics)) }),
            "intervals": Self.object(intervals.map { ($0.baseline, Self.json($0.metrics)) }),
            "train_seconds": .number(trainSeconds),
            "peak_rss_bytes": .integer(peakRSSBytes),
        ]
        if !deviations.isEmpty { members["deviations"] = Self.json(deviations) }
        if let strict { members["strict"] = Self.json(strict) }
        if !groups.isEmpty {
            members["groups"] = Self.json(groups + details)
            members["baseline_groups"] = Self.object(
                baselineGroups.map { ($0.name, Self.json($0.groups)) }
            )
            members["group_intervals"] = Self.object(
                groupIntervals.map { baseline, groups in
                    (baseline, Self.object(groups.map { ($0.name, Self.json($0.metrics)) }))
                }
            )
        }
        return .object(members)
    }

    /// One line a model or baseline, one column a metric of the headline.
    func printTable() {
        let seedText = seeds.count == 1 ? "seed \(seeds[0])" : "mean of \(seeds.count) seeds"
        print("\(protocolName) on \(dataName), \(part.rawValue) part, \(seedText):")
        print("\(instances) instances")
        var table = TextTable()
        table.add(cells: [""] + headline)
        table.add(cells: row(model, metrics))
        if !deviations.isEmpty { table.add(cells: row("\(model), deviation", deviations)) }
        if let strict { table.add(cells: row("\(model), strict history", strict)) }
        for group in groups {
            table.add(cells: row("\(model), \(group.instances) \(group.name)", group.metrics))
        }
        for baseline in baselines { table.add(cells: row(baseline.name, baseline.metrics)) }
        table.print()
        let seconds = String(format: "%.1f", trainSeconds)
        print("trained in \(seconds) s; peak memory \(peakRSSBytes >> 20) MiB")
    }

    private static func json(_ metrics: Metrics) -> JSONValue {
        object(metrics.map { ($0.name, .number($0.value)) })
    }

    private static func json(_ groups: [GroupMetrics]) -> JSONValue {
        object(
            groups.map { group in
                (
                    group.name,
                    .object([
                        "instances": .integer(group.instances),
                        "metrics": json(group.metrics),
                    ])
                )
            }
        )
    }

    private static func json(_ intervals: [PairedBootstrap.Interval]) -> JSONValue {
        object(intervals.map { ($0.metric, .array([.number($0.low), .number($0.high)])) })
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
    }

    private func row(_ name: String, _ metrics: Metrics) -> [String] {
        [name]
            + headline.map { metric in
                let value = metrics.first { $0.name == metric }?.value
                return value.map { String(format: "%.4f", $0) } ?? ""
            }
    }
}
