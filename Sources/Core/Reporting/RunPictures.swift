internal import Charts
internal import Cleaning
internal import Events
internal import Patterns

extension TrainedRun {
    /// Its model beside the baselines, metric by metric.
    func metricsChart() -> BarChart? {
        let shown = (metrics.first?.values.keys.sorted() ?? []).filter { metric in
            metrics.count { $0.values[metric] != nil } > 1
        }
        guard !shown.isEmpty else { return nil }
        return BarChart(
            groups: shown.prefix(8).map { metric in
                BarChart.Group(
                    title: metric,
                    bars: metrics.enumerated().compactMap { index, model in
                        model.values[metric].map {
                            BarChart.Bar(
                                name: model.name,
                                value: max(0, $0),
                                isOurs: index == 0
                            )
                        }
                    }
                )
            },
            summary: "What \(name) measured on its validation slice, beside the baselines."
        )
    }
}

extension ReportInput {
    /// What became of every row of the file.
    var ledgerChart: BarChart {
        let dropped = CleaningRule.allCases.flatMap { rule in
            let entry = ledger.entries[rule]
            return [
                ("\(rule.rawValue): left out", entry?.droppedCount ?? 0),
                ("\(rule.rawValue): mended", entry?.changedCount ?? 0),
            ]
        }
        let rows =
            [("kept", ledger.keptCount), ("no event: refused", refusedRowCount)]
            + dropped.filter { $0.1 > 0 }
        return BarChart(
            groups: [
                BarChart.Group(
                    title: "",
                    bars: rows.enumerated().map { index, row in
                        BarChart.Bar(name: row.0, value: Double(row.1), isOurs: index == 0)
                    }
                )
            ],
            summary:
                "What became of the \(NumberText.grouped(ledger.inputCount + refusedRowCount)) "
                + "rows of the file: kept, or left out or mended by the rule that is named.",
            formatted: { NumberText.grouped(Int($0.rounded())) }
        )
    }
}

extension ReportInput {
    private static let maxPlaces = 18

    /// The items with the most events.
    var placesChart: BarChart {
        var counts = [Int](repeating: 0, count: table.catalogue.items.count)
        var users = [Set<Int32>](repeating: [], count: counts.count)
        for row in table.rows {
            counts[Int(row.item)] += 1
            users[Int(row.item)].insert(row.user)
        }
        let ranked = counts.indices.filter { users[$0].count >= minimumUsers }
            .sorted { (counts[$0], $1) > (counts[$1], $0) }
        return BarChart(
            groups: [
                BarChart.Group(
                    title: "events",
                    bars: ranked.prefix(Self.maxPlaces).map { item in
                        BarChart.Bar(
                            name: words.name(.item(table.catalogue.items.ids[item])),
                            value: Double(counts[item]),
                            isOurs: true
                        )
                    }
                )
            ],
            summary: "The \(min(ranked.count, Self.maxPlaces)) items with the most events.",
            formatted: { NumberText.grouped(Int($0.rounded())) }
        )
    }
}
