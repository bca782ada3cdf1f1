/// Lines through points, as a loss pass after pass.
package struct LineChart: Sendable {
    package struct Series: Sendable {
        package var name: String
        /// Finite, ascending by x, at least one.
        package var points: [(x: Double, y: Double)]

        package init(name: String, points: [(x: Double, y: Double)]) {
            precondition(!points.isEmpty, "\(name) has no points")
            self.name = name
            self.points = points
        }
    }

    package var series: [Series]
    /// With their units.
    package var xTitle: String
    package var yTitle: String
    /// What the chart says, in a sentence.
    package var summary: String
    /// Whether y = x is drawn, with equal domains.
    package var showsDiagonal: Bool

    /// - Parameter series: 1 to 4.
    package init(
        series: [Series],
        xTitle: String,
        yTitle: String,
        summary: String,
        showsDiagonal: Bool = false
    ) {
        precondition((1...4).contains(series.count), "\(series.count) lines")
        self.series = series
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.summary = summary
        self.showsDiagonal = showsDiagonal
    }

    package func figure(id: String, title: String) -> Figure {
        let points = series.flatMap(\.points)
        let xs = points.map(\.x)
        let ys = points.map(\.y)
        let most = max(xs.max() ?? 1, ys.max() ?? 1) * 1.03
        let low = ys.min() ?? 0
        let high = ys.max() ?? 1
        let frame = Frame(
            x: showsDiagonal ? 0...most : (xs.min() ?? 0)...(xs.max() ?? 1),
            y: showsDiagonal ? 0...most : low - (high - low) * 0.05...high + (high - low) * 0.05,
            height: showsDiagonal ? 320 : 240
        )
        let (xStep, yStep) = (frame.x.step(6), frame.y.step(5))
        var marks = frame.axes(
            xTicks: frame.x.ticks(6).map { ($0, NumberText.tick($0, step: xStep)) },
            xTitle: xTitle,
            yTicks: frame.y.ticks(5).map { ($0, NumberText.tick($0, step: yStep)) },
            yTitle: yTitle
        )
        if showsDiagonal {
            marks.append(
                Marks.line(
                    frame.x.start,
                    frame.y.start,
                    frame.x.end,
                    frame.y.end,
                    class: "faint dashed"
                )
            )
        }
        marks += frame.legend(series.enumerated().map { ("fill\($0.offset)", $0.element.name) })
        for (index, line) in series.enumerated().reversed() {
            let places = line.points.map {
                (x: frame.x.position(of: $0.x), y: frame.y.position(of: $0.y))
            }
            marks.append(Marks.path(places, class: "line\(index)"))
            marks += zip(line.points, places).map { point, place in
                Marks.circle(
                    place.x,
                    place.y,
                    radius: 2.6,
                    class: "fill\(index)",
                    title: "\(line.name): \(NumberText.short(point.x)) → "
                        + NumberText.short(point.y)
                )
            }
        }
        return Figure(
            id: id,
            title: title,
            summary: summary,
            height: frame.height,
            marks: marks,
            table: DataTable(
                columns: ["line", xTitle, yTitle],
                rows: series.flatMap { line in
                    line.points.map {
                        [line.name, NumberText.count($0.x), NumberText.short($0.y)]
                    }
                }
            )
        )
    }
}
