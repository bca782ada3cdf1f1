/// An area inside corners in order, its edges straight in degrees: right for cities and counties away
/// from the poles and the date line.
package struct Ring: Hashable, Sendable {
    /// Each pair of edges is compared once: 100 corners take microseconds.
    package static let maximumCorners = 100

    /// At least three; the first is not repeated at the end.
    package let corners: [Place]

    /// Why corners make no area, and how to mend it.
    package struct Problem: Error, Hashable, Sendable {
        package var problem: String
        package var remedy: String
    }

    /// - Parameter corners: the first may be repeated at the end, as GeoJSON has it.
    package init(_ corners: [Place]) throws(Problem) {
        var corners = corners
        if corners.count > 1, corners.first == corners.last { corners.removeLast() }
        guard (3...Self.maximumCorners).contains(corners.count) else {
            throw Problem(
                problem: "has \(corners.count) different corners",
                remedy: "give 3 to \(Self.maximumCorners)"
            )
        }
        self.corners = corners
        if let (first, second) = crossing {
            throw Problem(
                problem: "crosses itself: edge \(first + 1) meets edge \(second + 1)",
                remedy: "give the corners in order around the area"
            )
        }
    }

    package func contains(_ place: Place) -> Bool { Self.contains(place, in: corners) }

    /// Ray casting: odd crossings of a ray eastwards mean inside. Of corners in order, at least one.
    package static func contains(_ place: Place, in corners: [Place]) -> Bool {
        var isInside = false
        var previous = corners[corners.count - 1]
        for corner in corners {
            let (low, high) = (previous.latitudeDegrees, corner.latitudeDegrees)
            if (low > place.latitudeDegrees) != (high > place.latitudeDegrees) {
                let share = (place.latitudeDegrees - low) / (high - low)
                let width = corner.longitudeDegrees - previous.longitudeDegrees
                if place.longitudeDegrees < previous.longitudeDegrees + share * width {
                    isInside.toggle()
                }
            }
            previous = corner
        }
        return isInside
    }

    /// The first two edges that meet elsewhere than at the corner of neighbours; from 0.
    private var crossing: (Int, Int)? {
        for first in corners.indices {
            for second in corners.indices.dropFirst(first + 1) {
                let areNeighbours =
                    second == first + 1 || (first == 0 && second == corners.count - 1)
                if areNeighbours ? foldsBack(first, second) : meet(first, second) {
                    return (first, second)
                }
            }
        }
        return nil
    }

    private func edge(_ index: Int) -> (Place, Place) {
        (corners[index], corners[(index + 1) % corners.count])
    }

    /// Whether two neighbours lie on each other, as in a spike or where a corner is doubled.
    private func foldsBack(_ first: Int, _ second: Int) -> Bool {
        let (start, middle, end) =
            second == first + 1
            ? (edge(first).0, edge(first).1, edge(second).1)
            : (edge(second).0, edge(first).0, edge(first).1)
        guard Self.turn(start, middle, end) == 0 else { return false }
        let back =
            (start.longitudeDegrees - middle.longitudeDegrees)
            * (end.longitudeDegrees - middle.longitudeDegrees)
            + (start.latitudeDegrees - middle.latitudeDegrees)
            * (end.latitudeDegrees - middle.latitudeDegrees)
        return back >= 0
    }

    private func meet(_ first: Int, _ second: Int) -> Bool {
        let (a, b) = edge(first)
        let (c, d) = edge(second)
        let sides = (Self.turn(a, b, c), Self.turn(a, b, d), Self.turn(c, d, a), Self.turn(c, d, b))
        if sides.0 * sides.1 < 0, sides.2 * sides.3 < 0 { return true }
        return (sides.0 == 0 && Self.isBetween(c, a, b))
            || (sides.1 == 0 && Self.isBetween(d, a, b))
            || (sides.2 == 0 && Self.isBetween(a, c, d))
            || (sides.3 == 0 && Self.isBetween(b, c, d))
    }

    /// Above 0 where `third` lies left of the line from `first` to `second`: −1, 0 or 1.
    private static func turn(_ first: Place, _ second: Place, _ third: Place) -> Int {
        let product =
            (second.longitudeDegrees - first.longitudeDegrees)
            * (third.latitudeDegrees - first.latitudeDegrees)
            - (second.latitudeDegrees - first.latitudeDegrees)
            * (third.longitudeDegrees - first.longitudeDegrees)
        return product > 0 ? 1 : product < 0 ? -1 : 0
    }

    /// Of a point on the line: whether it lies between two others.
    private static func isBetween(_ place: Place, _ one: Place, _ other: Place) -> Bool {
        let latitudes = [one.latitudeDegrees, other.latitudeDegrees].sorted()
        let longitudes = [one.longitudeDegrees, other.longitudeDegrees].sorted()
        return (latitudes[0]...latitudes[1]).contains(place.latitudeDegrees)
            && (longitudes[0]...longitudes[1]).contains(place.longitudeDegrees)
    }
}
