internal import Glibc

/// Cells coloured by what happens in them, and flows between them, in a plain projection without
/// a map beneath: longitude shrunk by the cosine of the middle latitude.
package struct CellMap: Sendable {
    package struct Point: Hashable, Sendable {
        package var latitudeDegrees: Double
        package var longitudeDegrees: Double

        package init(latitudeDegrees: Double, longitudeDegrees: Double) {
            self.latitudeDegrees = latitudeDegrees
            self.longitudeDegrees = longitudeDegrees
        }
    }

    package struct Region: Hashable, Sendable {
        /// At least 3, in order.
        package var corners: [Point]
        package var center: Point
        package var count: Int
        /// For people: a token, a name.
        package var name: String

        package init(corners: [Point], center: Point, count: Int, name: String) {
            self.corners = corners
            self.center = center
            self.count = count
            self.name = name
        }
    }

    package struct Flow: Hashable, Sendable {
        /// Into `regions`.
        package var from: Int
        package var to: Int
        package var count: Int

        package init(from: Int, to: Int, count: Int) {
            self.from = from
            self.to = to
            self.count = count
        }
    }

    package var regions: [Region]
    package var flows: [Flow]
    /// What the colours count: "check-ins".
    package var unit: String

    private static let kilometresPerDegree = 111.195  // mean radius 6371.0 km · π / 180

    /// - Parameter regions: at least one, far from the date line.
    package init(regions: [Region], flows: [Flow], unit: String) {
        precondition(!regions.isEmpty, "no regions")
        self.regions = regions
        self.flows = flows
        self.unit = unit
    }

    package func figure(id: String, title: String) -> Figure {
        let projection = Projection(regions.flatMap(\.corners))
        let most = Double(regions.map(\.count).max() ?? 1)
        var marks = regions.map { region in
            Marks.polygon(
                region.corners.map(projection.position),
                class: "outline q\(Self.step(Double(region.count), of: most))",
                title: "\(region.name): \(NumberText.grouped(region.count)) \(unit)"
            )
        }
        let widest = Double(flows.map(\.count).max() ?? 1)
        for flow in flows.sorted(by: { ($0.count, $1.from, $1.to) < ($1.count, $0.from, $0.to) }) {
            marks.append(
                Marks.arc(
                    from: projection.position(regions[flow.from].center),
                    to: projection.position(regions[flow.to].center),
                    bend: 0.18,
                    width: 0.7 + 3.3 * Double(flow.count) / widest,
                    series: "1",
                    title: "\(regions[flow.from].name) → \(regions[flow.to].name): "
                        + NumberText.grouped(flow.count)
                )
            )
        }
        marks += legend(projection, most: most)
        return Figure(
            id: id,
            title: title,
            summary:
                "S2 cells coloured by \(unit) on a logarithmic scale; north is up. Arrows: the "
                + "\(flows.count) strongest moves from one cell to another, wider for more.",
            height: projection.height + 40,
            marks: marks,
            table: table
        )
    }

    /// 1...7 by the logarithm: places differ by orders of magnitude.
    static func step(_ value: Double, of most: Double) -> Int {
        guard value > 0, most > 1 else { return value > 0 ? Theme.rampTop : 0 }
        return 1 + Int((log(max(1, value)) / log(most) * Double(Theme.rampTop - 1)).rounded())
    }

    private func legend(_ projection: Projection, most: Double) -> [Markup] {
        let y = projection.height + 24
        var marks = [Marks.label(6, y, "1", class: "quiet")]
        for step in 1...Theme.rampTop {
            marks.append(
                Marks.rectangle(8 + Double(step) * 12, y - 9, 11, 10, class: "q\(step)")
            )
        }
        marks.append(
            Marks.label(108, y, "\(NumberText.grouped(Int(most))) \(unit)", class: "quiet")
        )
        if !flows.isEmpty {
            marks += [
                Marks.line(232, y - 4, 252, y - 4, class: "line1"),
                Marks.label(257, y, "moves", class: "quiet"),
            ]
        }
        let scale = LinearScale(0...projection.kilometresAcross / 4, start: 0, end: 1)
        let length = scale.step(1) <= scale.domain.upperBound ? scale.step(1) : scale.step(2)
        let pixels = length / projection.kilometresAcross * (Figure.standardWidth - 12)
        let end = Figure.standardWidth - 8
        marks += [
            Marks.line(end - pixels, y - 10, end, y - 10, class: "axis"),
            Marks.line(end - pixels, y - 14, end - pixels, y - 6, class: "axis"),
            Marks.line(end, y - 14, end, y - 6, class: "axis"),
            Marks.label(end, y + 6, "\(NumberText.count(length)) km", class: "quiet end"),
        ]
        return marks
    }

    private var table: DataTable {
        let ranked = regions.sorted { ($0.count, $1.name) > ($1.count, $0.name) }
        return DataTable(
            columns: ["cell or move", "latitude", "longitude", "count"],
            rows: ranked.prefix(20).map {
                [
                    $0.name, NumberText.fixed($0.center.latitudeDegrees, decimals: 4),
                    NumberText.fixed($0.center.longitudeDegrees, decimals: 4),
                    NumberText.grouped($0.count),
                ]
            }
                + flows.prefix(20).map {
                    [
                        "\(regions[$0.from].name) → \(regions[$0.to].name)", "", "",
                        NumberText.grouped($0.count),
                    ]
                }
        )
    }

    private struct Projection {
        let west: Double
        let north: Double
        let shrink: Double
        let pixelsPerDegree: Double
        let left: Double
        let height: Double
        let kilometresAcross: Double

        init(_ points: [Point]) {
            let latitudes = points.map(\.latitudeDegrees)
            let longitudes = points.map(\.longitudeDegrees)
            let south = latitudes.min() ?? 0
            north = latitudes.max() ?? 0
            west = longitudes.min() ?? 0
            shrink = max(0.01, cos((south + north) / 2 * .pi / 180))
            let across = max(1e-6, ((longitudes.max() ?? 0) - west) * shrink)
            let down = max(1e-6, north - south)
            let room = Figure.standardWidth - 12
            pixelsPerDegree = min(room / across, 430 / down)
            left = 6 + (room - across * pixelsPerDegree) / 2
            height = down * pixelsPerDegree + 12
            kilometresAcross = room / pixelsPerDegree * CellMap.kilometresPerDegree
        }

        func position(_ point: Point) -> (x: Double, y: Double) {
            (
                left + (point.longitudeDegrees - west) * shrink * pixelsPerDegree,
                6 + (north - point.latitudeDegrees) * pixelsPerDegree
            )
        }
    }
}
