internal import CS2

/// A point on the Earth, with how well it is known.
package struct Place: Hashable, Sendable {
    /// In −90...90, finite.
    package let latitudeDegrees: Double
    /// In −180...180, finite.
    package let longitudeDegrees: Double
    /// The radius of uncertainty; 0 where the source gave none.
    package let accuracyMeters: Double

    /// Returns nil for coordinates that are not finite or out of range; 0/0 is for cleaning to judge.
    package init?(latitudeDegrees: Double, longitudeDegrees: Double, accuracyMeters: Double = 0) {
        guard
            (-90...90).contains(latitudeDegrees),
            (-180...180).contains(longitudeDegrees),
            accuracyMeters >= 0, accuracyMeters.isFinite
        else { return nil }
        self.latitudeDegrees = latitudeDegrees
        self.longitudeDegrees = longitudeDegrees
        self.accuracyMeters = accuracyMeters
    }

    /// Great-circle metres on a sphere of the Earth's mean radius.
    package func distanceMeters(to other: Place) -> Double {
        cs2_distance_meters(
            latitudeDegrees,
            longitudeDegrees,
            other.latitudeDegrees,
            other.longitudeDegrees
        )
    }

    /// The S2 cell at `level` that holds this point.
    package func cell(level: Int) -> Cell {
        precondition((0...30).contains(level), "S2 level \(level)")
        return Cell(id: cs2_cell_id(latitudeDegrees, longitudeDegrees, Int32(level)))
    }
}

/// An S2 cell: a patch of the Earth's surface, named by its 64-bit id.
package struct Cell: Hashable, Comparable, Sendable {
    /// About 1.1 km across; the level at which popularity by place is counted.
    package static let neighbourhoodLevel = 13

    package let id: UInt64

    package init(id: UInt64) { self.id = id }

    package static func < (left: Cell, right: Cell) -> Bool { left.id < right.id }

    /// The cell at `level` around this one; `level` must not be finer than this cell's own.
    package func parent(level: Int) -> Cell { Cell(id: cs2_cell_parent(id, Int32(level))) }
}
