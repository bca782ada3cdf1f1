internal import Glibc

/// Things on a circle and what leads from one to another.
package struct NetworkDiagram: Sendable {
    package struct Node: Hashable, Sendable {
        package var name: String
        package var count: Int

        package init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    package struct Edge: Hashable, Sendable {
        /// Into `nodes`; equal for a thing that leads to itself.
        package var from: Int
        package var to: Int
        /// How many times as often as after anything else.
        package var lift: Double
        package var events: Int
        /// Whether it is a pattern, with every test that makes one; else a plain count.
        package var isPattern: Bool

        package init(from: Int, to: Int, lift: Double, events: Int, isPattern: Bool) {
            self.from = from
            self.to = to
            self.lift = lift
            self.events = events
            self.isPattern = isPattern
        }
    }

    package let nodes: [Node]
    package let edges: [Edge]

    /// - Parameter nodes: at least one.
    package init(nodes: [Node], edges: [Edge]) {
        precondition(!nodes.isEmpty, "no nodes")
        self.nodes = nodes
        self.edges = edges
    }

    private static let center = (x: 210.0, y: 208.0)
    private static let radius = 98.0

    package func figure(id: String, title: String) -> Figure {
        let order = circleOrder()
        var places = [(x: Double, y: Double)](repeating: (0, 0), count: nodes.count)
        for (position, node) in order.enumerated() { places[node] = place(position, Self.radius) }
        let strongest = log(max(2, edges.map(\.lift).max() ?? 2))
        var marks = edges.sorted { !$0.isPattern && $1.isPattern }.map { edge in
            let width = 0.8 + 2.7 * max(0, log(max(1, edge.lift))) / strongest
            let name =
                "\(nodes[edge.from].name) → \(nodes[edge.to].name): "
                + "\(NumberText.short(edge.lift)) times as often, "
                + "\(NumberText.grouped(edge.events)) events"
            return edge.from == edge.to
                ? loop(at: order.firstIndex(of: edge.from) ?? 0, edge, width: width, name: name)
                : Marks.arc(
                    from: places[edge.from],
                    to: inset(places[edge.to]),
                    bend: bend(places[edge.from], places[edge.to]),
                    width: width,
                    series: edge.isPattern ? "1" : "3",
                    title: name
                )
        }
        let most = Double(nodes.map(\.count).max() ?? 1)
        for (position, node) in order.enumerated() {
            let place = places[node]
            let radius = 3.5 + 5 * (Double(nodes[node].count) / most).squareRoot()
            marks.append(
                Marks.circle(
                    place.x,
                    place.y,
                    radius: radius,
                    class: "fill0",
                    title: "\(nodes[node].name): \(NumberText.grouped(nodes[node].count)) events"
                )
            )
            marks.append(label(position, of: nodes[node].name))
        }
        marks += legend
        return Figure(
            id: id,
            title: title,
            summary:
                "Categories on a circle, larger for more events. An arrow says that the second "
                + "often comes next after the first, wider for a higher lift: in one colour mined "
                + "patterns, which passed every test, in the other plain counts.",
            height: 444,
            marks: marks,
            table: DataTable(
                columns: ["after", "comes", "lift", "events", "kind"],
                rows: edges.sorted { ($0.lift, $1.from) > ($1.lift, $0.from) }.map {
                    [
                        nodes[$0.from].name, nodes[$0.to].name, NumberText.short($0.lift),
                        NumberText.grouped($0.events), $0.isPattern ? "pattern" : "count",
                    ]
                }
            )
        )
    }

    private var legend: [Markup] {
        var marks: [Markup] = []
        for (x, series, words) in [(8.0, 1, "mined pattern"), (130.0, 3, "counted only")] {
            guard edges.contains(where: { $0.isPattern == (series == 1) }) else { continue }
            marks += [
                Marks.line(x, 436, x + 22, 436, class: "line\(series)"),
                Marks.label(x + 28, 440, words, class: "quiet"),
            ]
        }
        return marks
    }

    /// Nodes as they stand around the circle: next to each other where edges join them.
    private func circleOrder() -> [Int] {
        var weight: [[Double]] = nodes.map { _ in nodes.map { _ in 0 } }
        for edge in edges where edge.from != edge.to {
            let strength = log(max(1.1, edge.lift)) * (edge.isPattern ? 3 : 1)
            weight[edge.from][edge.to] += strength
            weight[edge.to][edge.from] += strength
        }
        var order = [nodes.indices.max { (nodes[$0].count, $1) < (nodes[$1].count, $0) } ?? 0]
        var left = Set(nodes.indices).subtracting(order)
        while !left.isEmpty {
            let recent = order.suffix(3)
            func pull(_ node: Int) -> Double {
                recent.enumerated().reduce(0) {
                    $0 + weight[node][$1.element] * Double($1.offset + 1)
                }
            }
            let next = left.sorted().max { (pull($0), $1) < (pull($1), $0) } ?? 0
            order.append(next)
            left.remove(next)
        }
        return order
    }

    private func angle(_ position: Int) -> Double {
        2 * Double.pi * Double(position) / Double(nodes.count) - Double.pi / 2
    }

    private func place(_ position: Int, _ radius: Double) -> (x: Double, y: Double) {
        (
            Self.center.x + radius * cos(angle(position)),
            Self.center.y + radius * sin(angle(position))
        )
    }

    /// Bows towards the centre, more for neighbours than for what is opposite.
    private func bend(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double)) -> Double {
        let middle = (
            x: (from.x + to.x) / 2 - Self.center.x, y: (from.y + to.y) / 2 - Self.center.y
        )
        let across = (x: to.x - from.x, y: to.y - from.y)
        let side = middle.x * across.y - middle.y * across.x
        return side > 1e-6 ? -0.3 : 0.3
    }

    /// Away from the node, so that the arrow's head shows.
    private func inset(_ place: (x: Double, y: Double)) -> (x: Double, y: Double) {
        let share = 1 - 9 / Self.radius
        return (
            Self.center.x + (place.x - Self.center.x) * share,
            Self.center.y + (place.y - Self.center.y) * share
        )
    }

    private func loop(at position: Int, _ edge: Edge, width: Double, name: String) -> Markup {
        let center = place(position, Self.radius + 10)
        return Markup(
            "circle",
            [
                "class": "arc\(edge.isPattern ? 1 : 3)", "cx": NumberText.coordinate(center.x),
                "cy": NumberText.coordinate(center.y), "r": "10",
                "stroke-width": NumberText.coordinate(width), "opacity": "0.75",
            ],
            [Markup("title", [:], name)]
        )
    }

    /// Turned along the ray, and never upside down.
    private func label(_ position: Int, of name: String) -> Markup {
        let turned = angle(position) * 180 / .pi
        let isLeft = cos(angle(position)) < -1e-9
        let place = place(position, Self.radius + 24)
        let (x, y) = (NumberText.coordinate(place.x), NumberText.coordinate(place.y))
        return Markup(
            "text",
            [
                "class": isLeft ? "small end" : "small", "dy": "3.5", "x": x, "y": y,
                "transform":
                    "rotate(\(NumberText.coordinate(isLeft ? turned + 180 : turned)) \(x) \(y))",
            ],
            Marks.cut(name, toFit: 96)
        )
    }
}
