package import Events

/// The one filter stage: every source of candidates, fallbacks included, passes through it.
package struct ItemFilter: Sendable {
    /// Why an item is left out, in words for people; the first that holds, in this order.
    package enum Exclusion: String, CaseIterable, Sendable {
        case hidden = "the item is hidden"
        case expired = "the item has expired"
        case seen = "the user has touched the item; ask with seen items included"
        case listed = "the item is on the request's exclude list"
        case category = "the item's category is not among those asked for"
        case tags = "the item lacks a tag asked for"
        case placeUnknown = "the item has no place, and the request filters by place"
        case tooFar = "the item is outside the radius asked for"
        case outsidePolygon = "the item is outside the polygon asked for"
    }

    private let filter: Filter
    private let excluded: Set<Int32>
    private let seen: Set<Int32>
    private let instant: Instant

    /// - Parameters:
    ///   - seen: live indices of what the user touched.
    ///   - instant: when the answer is for: what has expired by then is left out.
    ///   - catalogue: resolves the ids of the exclude list; unknown ids exclude nothing.
    package init(_ filter: Filter, seen: Set<Int32>, at instant: Instant, catalogue: LiveCatalogue)
    {
        self.filter = filter
        self.instant = instant
        self.excluded = Set(filter.excluded.compactMap(catalogue.index(of:)))
        self.seen = filter.includesSeen ? [] : seen
    }

    /// Why the item at live index `index` is left out; nil for an eligible one.
    package func exclusion(of index: Int32, in catalogue: LiveCatalogue) -> Exclusion? {
        if !catalogue.visible[index] { return .hidden }
        if let expiry = catalogue.expiries[index], expiry <= instant { return .expired }
        if seen.contains(index) { return .seen }
        if excluded.contains(index) { return .listed }
        return filter.readsAttributes ? attributeExclusion(of: catalogue[index]) : nil
    }

    /// The eligible items of the whole catalogue. Cost O(seen + excluded + items that ever expire), and
    /// where attributes are read O(candidates): the items of the cells that reach the radius asked
    /// for, else those of the categories, else all. Seen items that are newer than `catalogue` are
    /// passed over: user state runs ahead of the snapshots that the catalogue is taken from.
    package func mask(over catalogue: LiveCatalogue) -> ItemMask {
        var mask = filter.readsAttributes ? attributeMask(over: catalogue) : catalogue.visible
        for (index, expiry) in catalogue.expiries where expiry <= instant { mask[index] = false }
        for index in seen where index < catalogue.count { mask[index] = false }
        for index in excluded where index < catalogue.count { mask[index] = false }
        return mask
    }

    private func attributeMask(over catalogue: LiveCatalogue) -> ItemMask {
        var mask = ItemMask(repeating: false, count: catalogue.count)
        for index in candidates(in: catalogue)
        where catalogue.visible[index] && attributeExclusion(of: catalogue[index]) == nil {
            mask[index] = true
        }
        return mask
    }

    private func candidates(in catalogue: LiveCatalogue) -> [Int32] {
        if let within = filter.within {
            return catalogue.candidates(within: within.meters, of: within.center)
        }
        if !filter.categories.isEmpty {
            return catalogue.candidates(ofCategories: filter.categories)
        }
        return (0..<Int32(catalogue.count)).map { $0 }
    }

    private func attributeExclusion(of item: Item) -> Exclusion? {
        if !filter.categories.isEmpty, !filter.categories.contains(item.category) {
            return .category
        }
        if !filter.tags.isSubset(of: item.tags) { return .tags }
        guard filter.within != nil || !filter.polygon.isEmpty else { return nil }
        guard let place = item.place else { return .placeUnknown }
        if let within = filter.within, within.center.distanceMeters(to: place) > within.meters {
            return .tooFar
        }
        if !filter.polygon.isEmpty, !Ring.contains(place, in: filter.polygon) {
            return .outsidePolygon
        }
        return nil
    }
}
