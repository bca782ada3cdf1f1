internal import CS2

extension Cell {
    /// 0...30: the id's lowest set bit says how deep the cell lies.
    package var level: Int { 30 - id.trailingZeroBitCount / 2 }

    /// The centre of the cell.
    package var center: Place? {
        let center = cs2_cell_center(id)
        return Place(latitudeDegrees: center.latitude, longitudeDegrees: center.longitude)
    }

    /// The four corners, counterclockwise; one that is no place, which S2 never gives, is left out.
    package var corners: [Place] {
        (0..<4).compactMap { index in
            let corner = cs2_cell_corner(id, Int32(index))
            return Place(latitudeDegrees: corner.latitude, longitudeDegrees: corner.longitude)
        }
    }

    /// Whether `other` is this cell or lies in it.
    package func contains(_ other: Cell) -> Bool {
        other.level >= level && other.parent(level: level) == self
    }
}
