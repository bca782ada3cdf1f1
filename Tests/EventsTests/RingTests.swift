import Events
import Testing

@Suite("areas inside corners")
struct RingTests {
    /// Latitude, longitude.
    private static func places(_ corners: [(Double, Double)]) -> [Place] {
        corners.compactMap { Place(latitudeDegrees: $0.0, longitudeDegrees: $0.1) }
    }

    private static func problem(_ corners: [(Double, Double)]) -> String {
        do throws(Ring.Problem) {
            _ = try Ring(places(corners))
            return ""
        } catch {
            return error.problem
        }
    }

    @Test("a place is inside or outside, also of a ring that is not convex or is closed twice")
    func contains() throws {
        let hook = [(0.0, 0.0), (0.0, 4.0), (4.0, 4.0), (4.0, 3.0), (1.0, 3.0), (1.0, 0.0)]
        for corners in [hook, hook + [hook[0]], hook.reversed()] {
            let ring = try Ring(Self.places(corners))
            let inside = Self.places([(0.5, 0.5), (0.5, 3.5), (3.5, 3.5)])
            let outside = Self.places([(2, 2), (5, 3.5), (-0.5, 1), (0.5, -1)])
            #expect(inside.count == 3 && outside.count == 4)
            #expect(inside.allSatisfy(ring.contains), "\(corners)")
            #expect(!outside.contains(where: ring.contains), "\(corners)")
        }
    }

    private static let refused: [([(Double, Double)], String)] = [
        ([], "0 different corners"),
        ([(0, 0), (1, 1)], "2 different corners"),
        ([(0, 0), (1, 1), (0, 0)], "2 different corners"),
        // A bow tie.
        ([(0, 0), (1, 1), (1, 0), (0, 1)], "edge 1 meets edge 3"),
        // A corner that touches an edge.
        ([(0, 0), (0, 4), (4, 4), (0, 2)], "crosses itself"),
        // A spike, and a corner given twice.
        ([(0, 0), (0, 4), (0, 2), (4, 2)], "crosses itself"),
        ([(0, 0), (0, 4), (0, 4), (4, 2)], "crosses itself"),
        (Array(repeating: (0, 0), count: 200), "different corners"),
    ]

    @Test("corners that make no area are refused with the reason", arguments: refused)
    func refusals(corners: [(Double, Double)], reason: String) {
        #expect(Self.problem(corners).contains(reason), "\(Self.problem(corners))")
    }

    @Test("a cell's corners lie around its centre, counterclockwise, and inside its parent")
    func cellCorners() throws {
        let place = try #require(Place(latitudeDegrees: 40.72, longitudeDegrees: -73.99))
        let cell = place.cell(level: 15)
        #expect(cell.corners.count == 4)
        let ring = try Ring(cell.corners)
        #expect(ring.contains(try #require(cell.center)))
        let area = zip(cell.corners, cell.corners.dropFirst() + cell.corners.prefix(1))
            .reduce(0) { sum, edge in
                sum + edge.0.longitudeDegrees * edge.1.latitudeDegrees
                    - edge.1.longitudeDegrees * edge.0.latitudeDegrees
            }
        #expect(area > 0)
    }
}
