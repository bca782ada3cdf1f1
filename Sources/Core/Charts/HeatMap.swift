internal import Events
internal import Glibc

/// Counts by hour and day of the week as coloured squares.
package struct HeatMap: Sendable {
    package struct Panel: Sendable {
        package var title: String
        /// Shape [168], hours of the week from Monday 00:00; each at least 0.
        package var values: [Double]

        package init(title: String, values: [Double]) {
            precondition(values.count == 168, "\(values.count) hours of the week")
            self.title = title
            self.values = values
        }
    }

    /// What is counted: "check-ins".
    package var unit: String
    package var panels: [Panel]

    /// - Parameter panels: one fills the figure; more stand two a row, each with its own colours.
    package init(unit: String, panels: [Panel]) {
        self.unit = unit
        self.panels = panels
    }

    package func figure(id: String, title: String) -> Figure {
        let isSingle = panels.count == 1
        let marks = isSingle ? large() : panels.indices.flatMap(small)
        let rows = (panels.count + 1) / 2
        return Figure(
            id: id,
            title: title,
            summary:
                "\(unit.prefix(1).uppercased() + unit.dropFirst()) by local hour of day (across) "
                + "and day of the week (down); \(isSingle ? "darker" : "in each panel, darker") is "
                + "more in light mode, brighter in dark mode.",
            height: isSingle ? 190 : Double(rows) * 92 + 6,
            marks: marks,
            table: isSingle ? singleTable : panelTable
        )
    }

    /// 0 for none, else 1...7 by share of the most.
    static func step(_ value: Double, of most: Double) -> Int {
        guard value > 0, most > 0 else { return 0 }
        return max(1, min(Theme.rampTop, Int((value / most * Double(Theme.rampTop)).rounded(.up))))
    }

    private func large() -> [Markup] {
        let panel = panels[0]
        let most = panel.values.max() ?? 0
        let (left, top, size, tall) = (38.0, 6.0, 15.6, 18.0)
        var marks: [Markup] = []
        for day in 0..<7 {
            let words = String(TimeSlot.dayNames[day].prefix(3))
            marks.append(
                Marks.label(left - 6, top + Double(day) * tall + 13, words, class: "quiet end")
            )
        }
        for (hour, value) in panel.values.enumerated() {
            marks.append(
                Marks.rectangle(
                    left + Double(hour % 24) * size,
                    top + Double(hour / 24) * tall,
                    size - 1,
                    tall - 1,
                    class: "q\(Self.step(value, of: most))",
                    title: "\(DateText.hourOfWeek(hour)): \(NumberText.count(value)) \(unit)"
                )
            )
        }
        for hour in stride(from: 0, through: 21, by: 3) {
            marks.append(
                Marks.label(
                    left + Double(hour) * size,
                    top + 7 * tall + 13,
                    "\(hour < 10 ? "0" : "")\(hour)",
                    class: "quiet"
                )
            )
        }
        marks.append(Marks.label(412, top + 7 * tall + 13, "hour", class: "quiet end"))
        return marks + legend(most: most, y: 164)
    }

    private func legend(most: Double, y: Double) -> [Markup] {
        var marks = [Marks.label(38, y + 12, "0", class: "quiet")]
        for step in 0...Theme.rampTop {
            marks.append(
                Marks.rectangle(50 + Double(step) * 18, y + 3, 17, 10, class: "q\(step)")
            )
        }
        marks.append(
            Marks.label(
                50 + 8 * 18 + 5,
                y + 12,
                "\(NumberText.count(most)) \(unit) an hour of the week",
                class: "quiet"
            )
        )
        return marks
    }

    private func small(_ index: Int) -> [Markup] {
        let panel = panels[index]
        let most = panel.values.max() ?? 0
        let left = index % 2 == 0 ? 26.0 : 228.0
        let top = Double(index / 2) * 92 + 18
        let (size, tall) = (7.5, 8.0)
        let total = NumberText.grouped(Int(panel.values.reduce(0, +).rounded()))
        var marks = [
            Marks.label(left, top - 5, Marks.cut(panel.title, toFit: 118), class: "strong"),
            Marks.label(left + 24 * size, top - 5, total, class: "quiet end small"),
        ]
        for (hour, value) in panel.values.enumerated() {
            marks.append(
                Marks.rectangle(
                    left + Double(hour % 24) * size,
                    top + Double(hour / 24) * tall,
                    size - 0.6,
                    tall - 0.6,
                    class: "q\(Self.step(value, of: most))"
                )
            )
        }
        if index % 2 == 0 {
            for (day, words) in [(0, "Mo"), (3, "Th"), (6, "Su")] {
                marks.append(
                    Marks.label(
                        left - 5,
                        top + Double(day) * tall + 7,
                        words,
                        class: "quiet end small"
                    )
                )
            }
        }
        if index >= panels.count - 2 {
            for hour in [0, 6, 12, 18] {
                marks.append(
                    Marks.label(
                        left + Double(hour) * size,
                        top + 7 * tall + 11,
                        "\(hour < 10 ? "0" : "")\(hour)",
                        class: "quiet small"
                    )
                )
            }
        }
        return marks
    }

    private var singleTable: DataTable {
        DataTable(
            columns: ["hour"] + TimeSlot.dayNames,
            rows: (0..<24).map { hour in
                ["\(hour):00"]
                    + (0..<7).map { NumberText.count(panels[0].values[$0 * 24 + hour]) }
            }
        )
    }

    private var panelTable: DataTable {
        DataTable(
            columns: ["category", unit, "most in", "share of it"],
            rows: panels.map { panel in
                let total = panel.values.reduce(0, +)
                let best = panel.values.indices.max {
                    (panel.values[$0], $1) < (panel.values[$1], $0)
                }
                return [
                    panel.title, NumberText.grouped(Int(total.rounded())),
                    best.map(DateText.hourOfWeek) ?? "–",
                    best.map { DecimalText.percent(panel.values[$0] / max(1, total)) } ?? "–",
                ]
            }
        )
    }
}
