/// Bars that lie side by side, in groups that each have a scale of their own.
package struct BarChart: Sendable {
    package struct Bar: Hashable, Sendable {
        package var name: String
        /// Finite, at least 0.
        package var value: Double
        package var isOurs: Bool

        package init(name: String, value: Double, isOurs: Bool = false) {
            self.name = name
            self.value = value
            self.isOurs = isOurs
        }
    }

    package struct Group: Hashable, Sendable {
        /// With its unit, and whether more is better; may be empty.
        package var title: String
        package var bars: [Bar]

        package init(title: String, bars: [Bar]) {
            self.title = title
            self.bars = bars
        }
    }

    package var groups: [Group]
    package var summary: String
    package var formatted: @Sendable (Double) -> String

    package init(
        groups: [Group],
        summary: String,
        formatted: @escaping @Sendable (Double) -> String = NumberText.short
    ) {
        self.groups = groups
        self.summary = summary
        self.formatted = formatted
    }

    private static let rowHeight = 19.0

    package func figure(id: String, title: String) -> Figure {
        let (nameEnd, barEnd) = (150.0, 355.0)
        var marks: [Markup] = []
        var y = 4.0
        for group in groups {
            if !group.title.isEmpty {
                marks.append(Marks.label(4, y + 12, group.title, class: "strong"))
                y += 20
            }
            let scale = LinearScale(
                0...max(1e-12, group.bars.map(\.value).max() ?? 1),
                start: nameEnd,
                end: barEnd
            )
            // Where all are ours, none stands out.
            let isUniform = group.bars.allSatisfy(\.isOurs)
            for bar in group.bars {
                let end = scale.position(of: bar.value)
                let words = Marks.cut(bar.name, toFit: nameEnd - 10)
                marks += [
                    Marks.label(
                        nameEnd - 6,
                        y + 13,
                        words,
                        class: bar.isOurs && !isUniform ? "strong end" : "end"
                    ),
                    Marks.rectangle(
                        nameEnd,
                        y + 3,
                        max(1, end - nameEnd),
                        Self.rowHeight - 6,
                        class: bar.isOurs ? "fill0" : "faintfill",
                        title: "\(bar.name): \(formatted(bar.value))"
                    ),
                    Marks.label(end + 5, y + 13, formatted(bar.value), class: "quiet"),
                ]
                y += Self.rowHeight
            }
            y += 10
        }
        return Figure(
            id: id,
            title: title,
            summary: summary,
            height: max(30, y - 4),
            marks: marks,
            table: DataTable(
                columns: ["", "name", "value"],
                rows: groups.flatMap { group in
                    group.bars.map { [group.title, $0.name, formatted($0.value)] }
                }
            )
        )
    }
}
