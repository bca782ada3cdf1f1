package import Events

/// The training slice's numbers by instant, for rows that lack one.
package struct NearestInTime: Hashable, Sendable {
    /// Ascending.
    package let instants: [Instant]
    /// One an instant.
    package let values: [Double]

    /// - Parameter rows: in the table's order; of several rows of one instant the first counts.
    package init(_ rows: [(instant: Instant, value: Double)]) {
        let ordered = rows.enumerated().sorted {
            ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset)
        }.map(\.element)
        var kept: [(instant: Instant, value: Double)] = []
        for row in ordered where kept.last?.instant != row.instant { kept.append(row) }
        instants = kept.map(\.instant)
        values = kept.map(\.value)
    }

    /// The number nearest to `instant`, the earlier of two equally near; nil without rows.
    ///
    /// - Complexity: O(log n).
    package func value(at instant: Instant) -> Double? {
        let after = instants.boundary { $0 >= instant }
        guard after > 0 else { return values.first }
        guard after < instants.count else { return values.last }
        let before = after - 1
        let isEarlierNearer =
            instant.seconds(since: instants[before]) <= instants[after].seconds(since: instant)
        return values[isEarlierNearer ? before : after]
    }
}

/// The training slice's numbers by place, for rows that lack one.
package struct NearestInSpace: Hashable, Sendable {
    /// Ascending by latitude, rows of one latitude in the table's order.
    package let places: [Place]
    package let values: [Double]
    /// Which row of the slice each was: the lowest of equally near ones counts.
    private let order: [Int]

    /// No degree of latitude is shorter on S2's sphere of 6,371.01 km, whose own is 111,195 m.
    private static let metersPerDegree = 111_000.0

    /// - Parameter rows: in the table's order.
    package init(_ rows: [(place: Place, value: Double)]) {
        let ordered = rows.enumerated().sorted {
            ($0.element.place.latitudeDegrees, $0.offset)
                < ($1.element.place.latitudeDegrees, $1.offset)
        }
        places = ordered.map(\.element.place)
        values = ordered.map(\.element.value)
        order = ordered.map(\.offset)
    }

    /// What `init` made this of.
    package var rows: [(place: Place, value: Double)] {
        places.indices.sorted { order[$0] < order[$1] }.map { (places[$0], values[$0]) }
    }

    /// The number nearest to `place` by great circle; nil without rows.
    ///
    /// Sweeps north and south of the place until the latitudes alone are farther away than the
    /// best row: exact. O(n) at worst, far less on scattered places.
    package func value(at place: Place) -> Double? {
        let latitude = place.latitudeDegrees
        var north = places.boundary { $0.latitudeDegrees >= latitude }
        var south = north - 1
        var best: (meters: Double, order: Int, value: Double)?
        func consider(_ row: Int) -> Bool {
            let gap = (places[row].latitudeDegrees - latitude).magnitude * Self.metersPerDegree
            if let best, gap > best.meters { return false }
            let meters = place.distanceMeters(to: places[row])
            if let found = best, (found.meters, found.order) <= (meters, order[row]) { return true }
            best = (meters, order[row], values[row])
            return true
        }
        while north < places.count || south >= 0 {
            if north < places.count { north = consider(north) ? north + 1 : places.count }
            if south >= 0 { south = consider(south) ? south - 1 : -1 }
        }
        return best?.value
    }
}

extension Array {
    /// The first place from which `isAfter` holds, in an array where it holds from some place on.
    fileprivate func boundary(_ isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
