internal import Events

/// Forecasts at instants, those that came true in front of the others.
package struct ScatterPlot: Sendable {
    package struct Point: Hashable, Sendable {
        /// Days since 1970, local time; fractions are hours.
        package var day: Double
        /// Forecast probability, in 0...1.
        package var probability: Double
        package var happened: Bool

        package init(day: Double, probability: Double, happened: Bool) {
            self.day = day
            self.probability = probability
            self.happened = happened
        }
    }

    /// Finite, at least one.
    package var points: [Point]
    /// Of whom, as "user 69".
    package var subject: String

    package init(_ points: [Point], subject: String) {
        precondition(!points.isEmpty, "no points")
        self.points = points
        self.subject = subject
    }

    package func figure(id: String, title: String) -> Figure {
        let days = points.map(\.day)
        let most = points.map(\.probability).max() ?? 1
        let frame = Frame(
            x: (days.min() ?? 0)...(days.max() ?? 1),
            y: 0...max(0.01, most * 1.05),
            height: 260
        )
        let step = frame.y.step(5)
        let first = frame.x.domain.lowerBound.rounded(.up)
        let last = frame.x.domain.upperBound
        let dayStep = max(1, ((last - first) / 5).rounded(.up))
        var marks = frame.axes(
            xTicks: stride(from: first, through: last, by: dayStep).map {
                ($0, DateText.day(Int($0)))
            },
            xTitle: "instant (hours)",
            yTicks: frame.y.ticks(5).map { ($0, NumberText.tick($0 * 100, step: step * 100)) },
            yTitle: "forecast P(acts), %"
        )
        marks += frame.legend([("dot", "did not act"), ("fill1", "acted")])
        for point in points.sorted(by: { !$0.happened && $1.happened }) {
            marks.append(
                Marks.circle(
                    frame.x.position(of: point.day),
                    frame.y.position(of: point.probability),
                    radius: point.happened ? 3 : 1.3,
                    class: point.happened ? "fill1" : "dot",
                    title: point.happened ? words(point) : nil
                )
            )
        }
        return Figure(
            id: id,
            title: title,
            summary: "Each point is one hour of \(subject): its instant (across) and the "
                + "probability of acting in it that was forecast from what came before its week "
                + "(up). Large points: the user acted.",
            height: 260,
            marks: marks,
            table: table
        )
    }

    private func words(_ point: Point) -> String {
        "\(DateText.dayAndYear(Int(point.day.rounded(.down)))), "
            + "\(Self.clock(point.day)): \(DecimalText.percent(point.probability)), acted"
    }

    private static func clock(_ day: Double) -> String {
        let hour = Int((day - day.rounded(.down)) * 24 + 0.001)
        return "\(hour < 10 ? "0" : "")\(hour):00"
    }

    private var table: DataTable {
        DataTable(
            columns: ["day", "hour", "forecast"],
            rows: points.filter(\.happened).sorted { $0.day < $1.day }.map {
                [
                    DateText.dayAndYear(Int($0.day.rounded(.down))), Self.clock($0.day),
                    DecimalText.percent($0.probability),
                ]
            }
        )
    }
}
