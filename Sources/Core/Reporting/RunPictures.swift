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

    /// The losses of its fits by pass; nil where it kept none.
    func curvesChart() -> LineChart? {
        let series = curves.flatMap { curve in
            let parts = [
                (curve.fit, curve.passes.map { (x: Double($0.number), y: $0.loss) }),
                (
                    "\(curve.fit), validation",
                    curve.passes.compactMap { pass in
                        pass.validationLoss.map { (x: Double(pass.number), y: $0) }
                    }
                ),
            ]
            return parts.map { (name: $0.0, points: $0.1.filter { $0.y.isFinite }) }
                .filter { !$0.points.isEmpty }
                .map { LineChart.Series(name: $0.name, points: $0.points) }
        }
        guard !series.isEmpty else { return nil }
        return LineChart(
            series: series,
            xTitle: "pass over the training events",
            yTitle: "mean loss",
            summary: "The loss of \(name) after each pass: of the trial on what is before the "
                + "validation slice and of the final fit on everything, each with what it holds back "
                + "to stop early; lower is better."
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
