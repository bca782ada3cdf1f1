internal import Glibc

/// Shapes and labels at positions in pixels.
enum Marks {
    private static func text(_ value: Double) -> String { NumberText.coordinate(value) }

    static func rectangle(
        _ x: Double,
        _ y: Double,
        _ width: Double,
        _ height: Double,
        class name: String,
        title: String? = nil
    ) -> Markup {
        Markup(
            "rect",
            [
                "class": name, "x": text(x), "y": text(y), "width": text(max(0, width)),
                "height": text(max(0, height)),
            ],
            titled(title)
        )
    }

    static func circle(
        _ x: Double,
        _ y: Double,
        radius: Double,
        class name: String,
        title: String? = nil
    ) -> Markup {
        Markup(
            "circle",
            ["class": name, "cx": text(x), "cy": text(y), "r": text(radius)],
            titled(title)
        )
    }

    static func line(
        _ x1: Double,
        _ y1: Double,
        _ x2: Double,
        _ y2: Double,
        class name: String
    ) -> Markup {
        Markup(
            "line",
            ["class": name, "x1": text(x1), "y1": text(y1), "x2": text(x2), "y2": text(y2)]
        )
    }

    static func label(_ x: Double, _ y: Double, _ words: String, class name: String = "") -> Markup
    {
        Markup("text", ["class": name, "x": text(x), "y": text(y)], words)
    }

    /// A line through points, in order.
    static func path(_ points: [(x: Double, y: Double)], class name: String) -> Markup {
        let steps = points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(text(point.x)) \(text(point.y))"
        }
        return Markup("path", ["class": name, "d": steps.joined()])
    }

    static func polygon(
        _ points: [(x: Double, y: Double)],
        class name: String,
        title: String? = nil
    ) -> Markup {
        let corners = points.map { "\(text($0.x)),\(text($0.y))" }.joined(separator: " ")
        return Markup("polygon", ["class": name, "points": corners], titled(title))
    }

    /// A bow from one point to another, out to its left by `bend` of the distance, with a head.
    static func arc(
        from start: (x: Double, y: Double),
        to end: (x: Double, y: Double),
        bend: Double,
        width: Double,
        series: String,
        title: String
    ) -> Markup {
        let across = (x: end.x - start.x, y: end.y - start.y)
        let middle = (
            x: (start.x + end.x) / 2 + across.y * bend, y: (start.y + end.y) / 2 - across.x * bend
        )
        let inward = (x: end.x - middle.x, y: end.y - middle.y)
        let length = max(1e-9, (inward.x * inward.x + inward.y * inward.y).squareRoot())
        let unit = (x: inward.x / length, y: inward.y / length)
        let size = 3 + width
        let base = (x: end.x - unit.x * size, y: end.y - unit.y * size)
        let half = size * 0.45
        return Markup(
            "g",
            ["opacity": "0.75"],
            [
                Markup("title", [:], title),
                Markup(
                    "path",
                    [
                        "class": "arc\(series)", "stroke-width": text(width),
                        "d": "M\(text(start.x)) \(text(start.y))Q\(text(middle.x)) "
                            + "\(text(middle.y)) \(text(base.x)) \(text(base.y))",
                    ]
                ),
                polygon(
                    [
                        end, (base.x - unit.y * half, base.y + unit.x * half),
                        (base.x + unit.y * half, base.y - unit.x * half),
                    ],
                    class: "fill\(series)"
                ),
            ]
        )
    }

    /// `words` cut to what fits into `width` pixels of 11 px text, widest letters aside.
    static func cut(_ words: String, toFit width: Double) -> String {
        let room = max(1, Int(width / 6.4))
        return words.count <= room ? words : words.prefix(max(1, room - 1)) + "…"
    }

    private static func titled(_ title: String?) -> [Markup] {
        title.map { [Markup("title", [:], $0)] } ?? []
    }
}
