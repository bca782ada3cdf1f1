internal import Events

/// Pictures of block characters, for terminals.
package enum TextPlot {
    private static let shades: [Character] = [" ", "·", "░", "░", "▒", "▒", "▓", "█"]

    /// Days down, hours across.
    ///
    /// - Parameter values: shape [168], from Monday 00:00.
    package static func heatMap(_ values: [Double]) -> [String] {
        precondition(values.count == 168, "\(values.count) hours of the week")
        let most = values.max() ?? 0
        let hours =
            "    "
            + [0, 3, 6, 9, 12, 15, 18, 21].map { hour in
                "\(hour < 10 ? "0" : "")\(hour)    "
            }.joined()
        return [hours]
            + (0..<7).map { day in
                let row = (0..<24).map { hour in
                    String(
                        repeating: shades[HeatMap.step(values[day * 24 + hour], of: most)],
                        count: 2
                    )
                }
                return "\(TimeSlot.dayNames[day].prefix(3)) \(row.joined())"
            }
            + ["█ = \(NumberText.short(most))"]
    }

    /// A bar a line, to an eighth of a character.
    package static func bars(_ chart: BarChart, width: Int = 40) -> [String] {
        let names = chart.groups.flatMap(\.bars).map(\.name.count)
        let room = min(32, names.max() ?? 0)
        return chart.groups.flatMap { group in
            let most = max(1e-12, group.bars.map(\.value).max() ?? 1)
            let heading = group.title.isEmpty ? [] : [group.title]
            return heading
                + group.bars.map { bar in
                    let name = String(bar.name.prefix(room))
                    let padding = String(repeating: " ", count: room - name.count)
                    let eighths = Int((bar.value / most * Double(width * 8)).rounded())
                    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
                    let blocks = String(repeating: "█", count: eighths / 8) + rest
                    return "\(name)\(padding) \(blocks) \(chart.formatted(bar.value))"
                }
        }
    }

    /// Points on a grid of characters, the last series of a cell in front.
    ///
    /// - Parameter series: a mark and its points, finite; at least one point in all.
    package static func points(
        _ series: [(mark: Character, points: [(x: Double, y: Double)])],
        columns: Int = 64,
        rows: Int = 16
    ) -> [String] {
        let all = series.flatMap(\.points)
        guard let first = all.first else { return [] }
        let xs = all.reduce(first.x...first.x) {
            min($0.lowerBound, $1.x)...max($0.upperBound, $1.x)
        }
        let ys = all.reduce(first.y...first.y) {
            min($0.lowerBound, $1.y)...max($0.upperBound, $1.y)
        }
        let x = LinearScale(xs, start: 0, end: Double(columns - 1))
        let y = LinearScale(ys, start: Double(rows - 1), end: 0)
        var grid = [[Character]](
            repeating: [Character](repeating: " ", count: columns),
            count: rows
        )
        for (mark, points) in series {
            for point in points {
                grid[Int(y.position(of: point.y).rounded())][
                    Int(x.position(of: point.x).rounded())
                ] = mark
            }
        }
        return ["\(NumberText.short(ys.upperBound))"] + grid.map { "│" + String($0) }
            + [
                "└" + String(repeating: "─", count: columns),
                "\(NumberText.short(ys.lowerBound)) at the bottom; \(NumberText.short(xs.lowerBound)) "
                    + "to \(NumberText.short(xs.upperBound)) across",
            ]
    }
}
