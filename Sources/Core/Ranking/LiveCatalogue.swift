package import Events

/// The items known from the log, each with a dense live index in order of first appearance.
///
/// A value with copy-on-write columns: the tail mutates its own copy and publishes snapshots.
package struct LiveCatalogue: Sendable {
    /// By live index.
    package private(set) var entries: [Item] = []
    /// One bit an item: not hidden.
    package private(set) var visible = ItemMask()
    /// When the items that ever expire do, by live index.
    package private(set) var expiries: [Int32: Instant] = [:]
    private var indices: [String: Int32] = [:]
    /// Where to look for items of a place or category.
    private var byCell = ItemGroups<Cell, Place>()
    private var byCategory = ItemGroups<String, Void>()

    package init() {}

    package var count: Int { entries.count }

    /// The live index of an item; nil for one that the log never named.
    package func index(of id: String) -> Int32? { indices[id] }

    package subscript(index: Int32) -> Item { entries[Int(index)] }

    /// The live index of `id`, which is added without attributes where it is new.
    package mutating func indexAdding(_ id: String) -> Int32 {
        if let known = indices[id] { return known }
        let index = Int32(entries.count)
        let item = Item(id: id)
        byCategory.move(index, from: nil, to: item.category, ())
        entries.append(item)
        visible.append(true)
        indices[id] = index
        return index
    }

    /// Takes the attributes of a catalogue entry. An entry can hide an item but not show it again:
    /// that is a matter of `hide` alone, so that a later import does not bring a hidden item back.
    /// An entry without a place leaves the one that is known. Feature vectors are not kept: versions
    /// make embeddings of them.
    package mutating func update(_ item: Item) {
        let index = Int(indexAdding(item.id))
        var updated = item
        updated.isHidden = item.isHidden || entries[index].isHidden
        updated.place = item.place ?? entries[index].place
        updated.features = []
        byCategory.move(Int32(index), from: entries[index].category, to: updated.category, ())
        moveCell(of: Int32(index), to: updated.place)
        entries[index] = updated
        visible[Int32(index)] = !updated.isHidden
        expiries[Int32(index)] = updated.expiry
    }

    /// Hides an item from every answer, or shows it again; unknown items are added first.
    package mutating func hide(_ id: String, isHidden: Bool) {
        let index = indexAdding(id)
        entries[Int(index)].isHidden = isHidden
        visible[index] = !isHidden
    }

    /// Gives an item the place of an event about it, where the catalogue names none.
    package mutating func learnPlace(_ place: Place, of index: Int32) {
        guard entries[Int(index)].place == nil else { return }
        moveCell(of: index, to: place)
        entries[Int(index)].place = place
    }

    private mutating func moveCell(of index: Int32, to place: Place?) {
        let old = entries[Int(index)].place
        // A place is kept beside the item: another of the same cell replaces it.
        if let old, old != place {
            byCell.move(index, from: old.cell(level: Cell.neighbourhoodLevel), to: nil, old)
        }
        if let place, old != place {
            byCell.move(index, from: nil, to: place.cell(level: Cell.neighbourhoodLevel), place)
        }
    }

    // MARK: - Candidates

    /// Two points of a cell at `Cell.neighbourhoodLevel` are no further apart: S2's largest diagonal,
    /// 2.4387 / 2^level radians, rounded up.
    private static let cellDiameterMeters = 1_900.0
    /// Of latitude, rounded down: no place is nearer.
    private static let metersPerDegree = 111_190.0

    /// The items within the distance of a point. Cost: cells with items, and the items of those cells
    /// that are near.
    package func candidates(within meters: Double, of center: Place) -> [Int32] {
        var found: [Int32] = []
        for members in byCell.groups.values {
            guard let first = members.first,
                center.distanceMeters(to: first.note) <= meters + Self.cellDiameterMeters
            else { continue }
            for member in members {
                let degrees = abs(center.latitudeDegrees - member.note.latitudeDegrees)
                if degrees * Self.metersPerDegree > meters { continue }
                if center.distanceMeters(to: member.note) <= meters { found.append(member.item) }
            }
        }
        return found
    }

    /// The items of some categories.
    package func candidates(ofCategories categories: Set<String>) -> [Int32] {
        categories.flatMap { byCategory.groups[$0]?.map { $0.item } ?? [] }
    }
}

/// Items by what they have in common, each with a note.
private struct ItemGroups<Key: Hashable & Sendable, Note: Sendable>: Sendable {
    /// None is empty.
    private(set) var groups: [Key: [(item: Int32, note: Note)]] = [:]
    /// Of each item in its group.
    private var positions: [Int32] = []

    /// Cost O(1).
    mutating func move(_ item: Int32, from old: Key?, to new: Key?, _ note: Note) {
        if old == new { return }
        if let old { remove(item, from: old) }
        guard let new else { return }
        while positions.count <= item { positions.append(-1) }
        positions[Int(item)] = Int32(groups[new, default: []].count)
        groups[new, default: []].append((item, note))
    }

    /// The last item takes its position.
    private mutating func remove(_ item: Int32, from key: Key) {
        let position = Int(positions[Int(item)])
        guard let last = groups[key]?.popLast() else { return }
        if last.item != item {
            groups[key]?[position] = last
            positions[Int(last.item)] = Int32(position)
        }
        if groups[key]?.isEmpty == true { groups[key] = nil }
    }
}
