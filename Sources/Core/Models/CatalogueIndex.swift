package import Events
internal import Glibc

/// The item columns of a catalogue as small integers and unit vectors: what scoring looks up.
///
/// Made from the catalogue alone, so that it is never stored.
package struct CatalogueIndex: Sendable {
    package let itemCount: Int
    /// Rows of tables by category; the last one is for items of no category.
    package let categoryRowCount: Int
    /// Rows of tables by cell; the last one is for items of no place.
    package let cellRowCount: Int
    /// Shape [items], in 0..<categoryRowCount.
    package let category: [Int32]
    /// Shape [items], in 0..<cellRowCount: the S2 cell at `Cell.neighbourhoodLevel`.
    package let cell: [Int32]
    /// Shape [items]: the place on the unit sphere with 1 in the last lane; zeros where unknown.
    let point: [SIMD4<Float>]
    /// The row of each cell.
    private let cellRows: [Cell: Int32]
    /// The lanes of `point`, each of shape [items].
    let x: [Float]
    let y: [Float]
    let z: [Float]
    /// 1 where the place is known, else 0.
    let isPlaced: [Float]

    package init(_ catalogue: ItemTable) {
        let unknownCategory = Int32(catalogue.categories.count)
        let cells = catalogue.place.map { $0?.cell(level: Cell.neighbourhoodLevel) }
        let distinct = Set(cells.compactMap { $0 }).sorted()
        let rows = Dictionary(uniqueKeysWithValues: zip(distinct, Int32(0)...))
        let unknownCell = Int32(distinct.count)
        itemCount = catalogue.items.count
        categoryRowCount = catalogue.categories.count + 1
        cellRowCount = distinct.count + 1
        category = catalogue.category.map { $0 < 0 ? unknownCategory : $0 }
        cell = cells.map { $0.flatMap { rows[$0] } ?? unknownCell }
        cellRows = rows
        point = catalogue.place.map { $0.map(Self.point(of:)) ?? .zero }
        // Closures: a key path costs 60 ns a lane.
        x = point.map { $0.x }
        y = point.map { $0.y }
        z = point.map { $0.z }
        isPlaced = point.map { $0.w }
    }

    func hasCategory(_ row: Int32) -> Bool { Int(row) < categoryRowCount - 1 }

    /// The row of the cell of a place; that of no place where it is unknown or no item is there.
    func cellRow(of place: Place?) -> Int32 {
        place.flatMap { cellRows[$0.cell(level: Cell.neighbourhoodLevel)] }
            ?? Int32(cellRowCount - 1)
    }

    static func point(of place: Place) -> SIMD4<Float> {
        let latitude = place.latitudeDegrees * .pi / 180
        let longitude = place.longitudeDegrees * .pi / 180
        return SIMD4(
            Float(cos(latitude) * cos(longitude)),
            Float(cos(latitude) * sin(longitude)),
            Float(sin(latitude)),
            1
        )
    }
}
