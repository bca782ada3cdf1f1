package import Events

/// The items known from the log, each with a dense live index in order of first appearance.
///
/// A value with copy-on-write columns: the tail mutates its own copy and publishes snapshots.
package struct LiveCatalogue: Sendable {
    /// By live index.
    package private(set) var entries: [Item] = []
    /// One bit an item: not hidden.
    package private(set) var visible = ItemMask()
    private var indices: [String: Int32] = [:]

    package init() {}

    package var count: Int { entries.count }

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

    /// Takes the attributes of a catalogue entry; hiding is a matter of `hide` alone once it was
    /// called, so that a later catalogue import does not bring a hidden item back.
    package mutating func update(_ item: Item) {
        let index = Int(indexAdding(item.id))
        var updated = item
        updated.isHidden = item.isHidden || entries[index].isHidden
        entries[index] = updated
        visible[Int32(index)] = !updated.isHidden
    }

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
