import Charts
import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Elements of a parsed drawing.
final class Drawing: NSObject, XMLParserDelegate {
    struct Element {
        var name: String
        var attributes: [String: String]
    }

    private(set) var elements: [Element] = []

    init?(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        elements.append(Element(name: name, attributes: attributes))
    }

    func numbers(_ names: String...) -> [[Double]] {
        elements.filter { element in names.allSatisfy { element.attributes[$0] != nil } }
            .map { element in names.compactMap { Double(element.attributes[$0] ?? "") } }
    }
}

@Suite("figures")
struct FigureTests {
    private static let hostile = #"<b>"Café" & Söhne</b> \#u{1}"#

    static let figures: [Figure] = {
        let week = (0..<168).map { Double($0 % 24 * ($0 / 24)) }
        let corners = { (x: Double, y: Double) in
            [(0.0, 0.0), (0.01, 0), (0.01, 0.01), (0, 0.01)].map {
                CellMap.Point(latitudeDegrees: y + $0.0, longitudeDegrees: x + $0.1)
            }
        }
        let regions = (0..<9).map { index in
            let (x, y) = (-74 + Double(index % 3) / 100, 40 + Double(index / 3) / 100)
            return CellMap.Region(
                corners: corners(x, y),
                center: CellMap.Point(latitudeDegrees: y + 0.005, longitudeDegrees: x + 0.005),
                count: index * index * 10,
                name: hostile
            )
        }
        let nodes = (0..<7).map { NetworkDiagram.Node(name: "\(hostile) \($0)", count: $0 * 9 + 1) }
        let edges = (0..<12).map {
            NetworkDiagram.Edge(
                from: $0 % 7,
                to: $0 * 3 % 7,
                lift: 1.5 + Double($0),
                events: 20 + $0,
                isPattern: $0 % 2 == 0
            )
        }
        let points = (0..<336).map { hour -> ScatterPlot.Point in
            let day = 15_700 + Double(hour) / 24
            let probability = Double(hour % 10) / 20
            return ScatterPlot.Point(
                day: day,
                probability: probability,
                happened: hour % 9 == 0
            )
        }
        let line = LineChart.Series(
            name: hostile,
            points: (1...9).map { (x: Double($0), y: 3 / Double($0)) }
        )
        let bars = ["ours", hostile, "nothing"].enumerated().map {
            BarChart.Bar(name: $0.element, value: Double(2 - $0.offset), isOurs: $0.offset == 0)
        }
        return [
            HeatMap(unit: "events", panels: [HeatMap.Panel(title: "all", values: week)])
                .figure(id: "heatmap", title: hostile),
            HeatMap(
                unit: "events",
                panels: (0..<5).map { _ in HeatMap.Panel(title: hostile, values: week) }
            ).figure(id: "panels", title: "Panels"),
            ScatterPlot(points, subject: hostile).figure(id: "scatter", title: "Scatter"),
            LineChart(series: [line], xTitle: "x", yTitle: "y", summary: hostile)
                .figure(id: "lines", title: "Lines"),
            LineChart(series: [line], xTitle: "x", yTitle: "y", summary: "", showsDiagonal: true)
                .figure(id: "diagonal", title: "Diagonal"),
            BarChart(groups: [BarChart.Group(title: "all", bars: bars)], summary: "")
                .figure(id: "bars", title: "Bars"),
            CellMap(
                regions: regions,
                flows: [CellMap.Flow(from: 0, to: 8, count: 5)],
                unit: "events"
            ).figure(id: "map", title: "Map"),
            NetworkDiagram(nodes: nodes, edges: edges).figure(id: "network", title: "Network"),
        ]
    }()

    @Test("drawings are XML, whatever the words, alone and in a page", arguments: figures)
    func wellFormed(figure: Figure) throws {
        let alone = try #require(Drawing(figure.standalone()), "\(figure.id)")
        #expect(alone.elements.first?.name == "svg")
        #expect(alone.elements.contains { $0.name == "style" })
        let inline = try #require(Drawing(figure.inline.serialized), "\(figure.id)")
        #expect(inline.elements.map(\.name).contains("title"))
        #expect(inline.elements.map(\.name).contains("desc"))
        #expect(inline.elements.first?.attributes["role"] == "img")
    }

    @Test("every mark lies within the frame, and there are marks", arguments: figures)
    func marksInside(figure: Figure) throws {
        let drawing = try #require(Drawing(figure.inline.serialized))
        let circles = drawing.numbers("cx", "cy", "r").map { place -> [Double] in
            let radius = place[2]
            return [place[0] - radius, place[1] - radius, place[0] + radius, place[1] + radius]
        }
        let boxes = drawing.numbers("x", "y", "width", "height").map { place -> [Double] in
            [place[0], place[1], place[0] + place[2], place[1] + place[3]]
        }
        let lines = drawing.numbers("x1", "y1", "x2", "y2").map { ends -> [Double] in
            let (x1, y1, x2, y2) = (ends[0], ends[1], ends[2], ends[3])
            return [min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)]
        }
        let labels = drawing.numbers("x", "y").map { $0 + $0 }
        var corners: [[Double]] = []
        for text in drawing.elements.compactMap({ $0.attributes["points"] }) {
            for pair in text.split(separator: " ") {
                let place = pair.split(separator: ",").compactMap { Double($0) }
                corners.append(place + place)
            }
        }
        for box in circles + boxes + lines + labels + corners {
            #expect(box[0] >= 0 && box[2] <= figure.width, "\(figure.id): \(box)")
            #expect(box[1] >= -1 && box[3] <= figure.height, "\(figure.id): \(box)")
        }
        #expect(circles.count + boxes.count + corners.count >= 3, "\(figure.id) is blank")
        #expect(!figure.table.rows.isEmpty)
    }

    @Test("classes of marks have rules")
    func classesHaveRules() throws {
        let rules = Theme.light.drawingRules
        for figure in Self.figures {
            let drawing = try #require(Drawing(figure.inline.serialized))
            for element in drawing.elements {
                for name in (element.attributes["class"] ?? "").split(separator: " ")
                where name != "figure" {
                    #expect(rules.contains(".\(name){"), "\(figure.id): class \(name)")
                }
            }
        }
    }

    @Test("more is never paler")
    func steps() {
        let week = (0..<168).map(Double.init)
        let figure = HeatMap(unit: "events", panels: [HeatMap.Panel(title: "", values: week)])
            .figure(id: "heatmap", title: "")
        let text = figure.inline.serialized
        let steps = text.split(separator: "class=\"q").dropFirst().prefix(168)
            .compactMap { $0.first?.wholeNumberValue }
        #expect(steps == steps.sorted())
        #expect(steps.first == 0 && steps.last == Theme.rampTop)
    }

    @Test("terminals get a week, bars as long as their values, and points in their corners")
    func terminal() {
        let week = TextPlot.heatMap((0..<168).map { $0 == 25 ? 9 : 0 })
        #expect(week.count == 9)
        #expect(week[2].hasPrefix("Tue   ██"))
        let bars = TextPlot.bars(
            BarChart(
                groups: [
                    BarChart.Group(
                        title: "",
                        bars: [
                            BarChart.Bar(name: "a", value: 8), BarChart.Bar(name: "b", value: 2),
                        ]
                    )
                ],
                summary: ""
            ),
            width: 8
        )
        #expect(bars == ["a ████████ 8.00", "b ██ 2.00"])
        let points = TextPlot.points([("●", [(x: 0, y: 0), (x: 1, y: 1)])], columns: 3, rows: 2)
        #expect(points[1] == "│  ●" && points[2] == "│●  ")
    }
}
