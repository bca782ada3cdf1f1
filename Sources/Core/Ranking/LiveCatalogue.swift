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

    package init() {}

    package var count: Int { entries.count }

    /// The live index of an item; nil for one that the log never named.
    package func index(of id: String) -> Int32? { indices[id] }

    package subscript(index: Int32) -> Item { entries[Int(index)] }

    /// The live index of `id`, which is added without attributes where it is new.
    package mutating func indexAdding(_ id: String) -> Int32 {
        if let known = indices[id] { return known }
        let index = Int32(entries.count)
        entries.append(Item(id: id))
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
        if entries[Int(index)].place == nil { entries[Int(index)].place = place }
    }
}
