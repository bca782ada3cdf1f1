package import Charts
internal import Events

extension ReportInput {
    /// A picture as a drawing with its table.
    package func figure(_ picture: Picture) throws(ReportError) -> Figure {
        let id = picture.rawValue
        switch picture {
        case .heatmap:
            return weekMap.figure(id: id, title: "Events by hour and weekday")
        case .categories:
            return try categoryMaps().figure(
                id: id,
                title: "The most frequent categories by hour and weekday"
            )
        case .map:
            return try cellMap().figure(id: id, title: "Cells and moves")
        case .places:
            return placesChart.figure(id: id, title: "The busiest places")
        case .network:
            return try network().figure(id: id, title: "What comes after what")
        case .scatter:
            let plot = try scatter()
            return plot.figure(id: id, title: "Forecasts and deeds of \(plot.subject)")
        case .reliability:
            return try pictures(.reliability).reliability.figure(id: id, title: "Reliability")
        case .curves:
            return try curves().figure(id: id, title: "Training")
        case .metrics:
            return try pictures(.metrics).metrics.figure(id: id, title: "Forecasts of activity")
        case .ledger:
            return ledgerChart.figure(id: id, title: "Cleaning ledger")
        }
    }

    /// The picture in block characters.
    package func text(_ picture: Picture) throws(ReportError) -> [String] {
        switch picture {
        case .heatmap: return TextPlot.heatMap(weekMap.panels[0].values)
        case .categories:
            return try categoryMaps().panels.flatMap {
                [$0.title] + TextPlot.heatMap($0.values) + [""]
            }
        case .map:
            let map = try cellMap()
            let most = map.regions.map(\.count).max() ?? 1
            func points(_ keeps: (Int) -> Bool) -> [(x: Double, y: Double)] {
                map.regions.filter { keeps($0.count * 20) }
                    .map { ($0.center.longitudeDegrees, $0.center.latitudeDegrees) }
            }
            return TextPlot.points([
                ("░", points { $0 < most }), ("▒", points { $0 >= most && $0 < 5 * most }),
                ("█", points { $0 >= 5 * most }),
            ]) + ["█ at least a quarter of the most, ▒ a twentieth, ░ fewer"]
        case .places: return TextPlot.bars(placesChart)
        case .network:
            let diagram = try network()
            let bars = diagram.edges.filter(\.isPattern).sorted {
                ($0.lift, $1.from) > ($1.lift, $0.from)
            }.map {
                BarChart.Bar(
                    name: "\(diagram.nodes[$0.from].name) → \(diagram.nodes[$0.to].name)",
                    value: $0.lift
                )
            }
            return bars.isEmpty
                ? ["no mined transition between categories"]
                : TextPlot.bars(
                    BarChart(groups: [BarChart.Group(title: "lift", bars: bars)], summary: "")
                )
        case .scatter:
            let plot = try scatter()
            func points(_ happened: Bool) -> [(x: Double, y: Double)] {
                plot.points.filter { $0.happened == happened }.map { ($0.day, $0.probability) }
            }
            return TextPlot.points([("·", points(false)), ("●", points(true))])
                + ["● acted, · did not; days since 1970 across, forecast up"]
        case .reliability: return Self.lines(try pictures(.reliability).reliability)
        case .curves: return Self.lines(try curves())
        case .metrics: return TextPlot.bars(try pictures(.metrics).metrics)
        case .ledger: return TextPlot.bars(ledgerChart)
        }
    }

    private static func lines(_ chart: LineChart) -> [String] {
        let marks: [Character] = ["●", "○", "+", "×"]
        let series = zip(marks, chart.series).map { (mark: $0, points: $1.points) }
        return TextPlot.points(Array(series.reversed()))
            + zip(marks, chart.series).map { "\($0) \($1.name)" }
    }

    // MARK: data

    private var weekMap: HeatMap {
        HeatMap(
            unit: "events",
            panels: [HeatMap.Panel(title: "all", values: WeekCounts(table).all)]
        )
    }

    private func categoryMaps() throws(ReportError) -> HeatMap {
        let panels = WeekCounts(table).panels(8)
        guard !panels.isEmpty else { throw nothing(.categories, "no item has a category") }
        return HeatMap(unit: "events", panels: panels)
    }

    private func cellMap() throws(ReportError) -> CellMap {
        guard let moves = CellMoves(table, minimumUsers: minimumUsers) else {
            throw nothing(.map, "no item has a place, or no cell has \(minimumUsers) users")
        }
        return moves.map
    }

    private func network() throws(ReportError) -> NetworkDiagram {
        guard
            let network = CategoryNetwork(
                table,
                patterns: patterns,
                minimumUsers: minimumUsers
            )
        else { throw nothing(.network, "no item has a category") }
        return network.diagram
    }

    private func pictures(_ picture: Picture) throws(ReportError) -> ForecastPictures {
        guard let forecasts else { throw nothing(picture, withoutForecasts) }
        return ForecastPictures(forecasts: forecasts, table: table)
    }

    private func scatter() throws(ReportError) -> ScatterPlot {
        try pictures(.scatter).scatter(of: user)
    }

    private func curves() throws(ReportError) -> LineChart {
        // Beside a model of its own the report draws a run's under another title.
        if forecasts == nil, let chart = run?.curvesChart() { return chart }
        guard let chart = try pictures(.curves).curves else {
            throw nothing(.curves, "training reported no loss")
        }
        return chart
    }

    private func nothing(_ picture: Picture, _ problem: String) -> ReportError {
        ReportError(
            code: .nothingToShow,
            place: picture.rawValue,
            problem: problem,
            remedy: "give events that have it, or draw another picture"
        )
    }
}
