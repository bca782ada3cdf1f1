package import Events

/// What a cleaning leaves.
package struct CleanedEvents: Sendable {
    /// The training rows with their vocabularies and the catalogue.
    package var table: EventTable
    /// The circumstances of the table's rows; nil where no event tells of any.
    package var contexts: WordColumn?
    /// Events about no item, cleaned like all others, in canonical order.
    package var eventsWithoutItem: [Event]
    package var ledger: CleaningLedger
    /// The settings that led here, and what they learned.
    package var fit: CleaningFit
}

/// Applies the rules of a fit to events and items, in the order of `CleaningRule`.
///
/// The result does not depend on the order in which events came: they are put in canonical order
/// (instant, user, event id, then item, action and all else that shows) before any rule chooses.
package struct Cleaner {
    /// A row names its action in 16 bits; no caller has this many on purpose.
    package static let maxActions = 1_000

    var fit: CleaningFit
    /// The training slice: what is learned from events is learned from those before it.
    let fittedBefore: Instant?
    var ledger = CleaningLedger()

    /// - Parameters:
    ///   - events: in the order they came in; the ledger names them by their place here.
    ///   - items: catalogue entries, a later one replacing an earlier one of the same id.
    ///   - fit: a fit that has learned its values already applies them; else they are learned.
    ///   - fittedBefore: the end of the training slice. Statistics of values, numbers for missing
    ///     ones and the k-core come from events before it; later events of users and items outside
    ///     that core go too. nil: all events are the slice.
    /// - Complexity: O(n log n) in the number of events.
    package static func clean(
        _ events: [Event],
        items: [Item],
        fit: CleaningFit = CleaningFit(),
        fittedBefore: Instant? = nil
    ) -> CleanedEvents {
        var cleaner = Cleaner(fit: fit, fittedBefore: fittedBefore)
        return cleaner.run(events, items)
    }

    private mutating func run(_ events: [Event], _ items: [Item]) -> CleanedEvents {
        ledger.inputCount = events.count
        let catalogue = checked(items)
        var kept = events.enumerated().map { Entry(position: $0, event: $1) }
        kept = dropping(.invalid, kept) { $0.validate().isEmpty }
        kept = canonical(kept)
        kept = droppingRepeatedIDs(kept)
        kept = droppingDuplicates(kept)
        kept = clearingZeroCoordinates(kept)
        kept = droppingImpossibleSpeeds(kept)
        let others = kept.filter { $0.event.item.isEmpty }.map(\.event)
        kept = dropping(.withoutItem, kept) { !$0.item.isEmpty }
        kept = droppingRareActions(kept)
        kept = judgingValues(kept)
        kept = clampingValues(kept)
        kept = droppingOutsideCore(kept)
        ledger.keptCount = kept.count
        let events = kept.map(\.event)
        return CleanedEvents(
            table: TableBuilder(fit: fit, catalogue: catalogue).build(events),
            contexts: WordColumn(contextsOf: events),
            eventsWithoutItem: others,
            ledger: ledger,
            fit: fit
        )
    }

    struct Entry {
        var position: Int
        var event: Event
    }

    func isInSlice(_ entry: Entry) -> Bool {
        fittedBefore.map { entry.event.instant < $0 } ?? true
    }

    private func canonical(_ entries: [Entry]) -> [Entry] {
        entries.sorted { left, right in
            let (first, second) = (left.event, right.event)
            if first.instant != second.instant { return first.instant < second.instant }
            for path in [\Event.user, \.id, \.item, \.action, \.queryText, \.context.session] {
                let (one, other) = (first[keyPath: path].utf8, second[keyPath: path].utf8)
                if one.lexicographicallyPrecedes(other) { return true }
                if other.lexicographicallyPrecedes(one) { return false }
            }
            let (one, other) = (Self.numbers(first), Self.numbers(second))
            return one == other
                ? left.position < right.position : one.lexicographicallyPrecedes(other)
        }
    }

    /// The rest of what tells two events apart for the rules and the rows that follow.
    private static func numbers(_ event: Event) -> [Double] {
        [
            event.value ?? -.infinity,
            event.place?.latitudeDegrees ?? -.infinity,
            event.place?.longitudeDegrees ?? -.infinity,
            event.place?.accuracyMeters ?? -.infinity,
            Double(event.utcOffsetMinutes),
        ]
    }

    mutating func dropping(
        _ rule: CleaningRule,
        _ entries: [Entry],
        unless isGood: (Event) -> Bool
    ) -> [Entry] {
        entries.filter { entry in
            let keeps = isGood(entry.event)
            if !keeps { ledger.recordDropped(rule, at: entry.position) }
            return keeps
        }
    }

    private mutating func droppingRepeatedIDs(_ entries: [Entry]) -> [Entry] {
        var seen: Set<String> = []
        return dropping(.repeatedID, entries) { $0.id.isEmpty || seen.insert($0.id).inserted }
    }

    private struct Deed: Hashable {
        var user, item, action, queryText: String
    }

    /// Entries of one instant lie together, so that without a window one instant's deeds are all to
    /// be remembered.
    private mutating func droppingDuplicates(_ entries: [Entry]) -> [Entry] {
        let window = Double(fit.duplicateWindowSeconds)
        var seen: [Deed: Instant] = [:]
        var instant: Instant?
        return dropping(.duplicate, entries) { event in
            if window == 0, event.instant != instant { seen.removeAll(keepingCapacity: true) }
            instant = event.instant
            let deed = Deed(
                user: event.user,
                item: event.item,
                action: event.action,
                queryText: event.queryText
            )
            if let last = seen[deed], event.instant.seconds(since: last) <= window { return false }
            seen[deed] = event.instant
            return true
        }
    }

    private mutating func clearingZeroCoordinates(_ entries: [Entry]) -> [Entry] {
        guard fit.clearsZeroCoordinates else { return entries }
        var result = entries
        for (index, entry) in entries.enumerated() where entry.event.place?.isZero == true {
            result[index].event.place = nil
            ledger.recordChanged(.zeroCoordinates, at: entry.position)
        }
        return result
    }

    private mutating func droppingImpossibleSpeeds(_ entries: [Entry]) -> [Entry] {
        guard let limit = fit.maxSpeedKilometersPerHour else { return entries }
        var last: [String: (place: Place, instant: Instant)] = [:]
        return dropping(.impossibleSpeed, entries) { event in
            guard let place = event.place else { return true }
            if let before = last[event.user] {
                let error = place.accuracyMeters + before.place.accuracyMeters
                let meters = place.distanceMeters(to: before.place) - error
                let seconds = max(
                    event.instant.seconds(since: before.instant),
                    CleaningFit.leastSeconds
                )
                let isTooFast = meters / seconds * 3.6 > limit
                if isTooFast, meters > CleaningFit.speedSlackMeters { return false }
            }
            last[event.user] = (place, event.instant)
            return true
        }
    }

    private mutating func droppingRareActions(_ entries: [Entry]) -> [Entry] {
        var counts: [String: Int] = [:]
        for entry in entries { counts[entry.event.action, default: 0] += 1 }
        guard counts.count > Self.maxActions else { return entries }
        let ranked = counts.sorted { left, right in
            left.value != right.value
                ? left.value > right.value
                : left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
        }
        let kept = Set(ranked.prefix(Self.maxActions).map(\.key))
        return dropping(.rareAction, entries) { kept.contains($0.action) }
    }

    private mutating func droppingOutsideCore(_ entries: [Entry]) -> [Entry] {
        guard fit.minUserEvents > 1 || fit.minItemEvents > 1 else { return entries }
        let core = KCore(
            entries.lazy.filter(isInSlice).map { ($0.event.user, $0.event.item) },
            minUserEvents: fit.minUserEvents,
            minItemEvents: fit.minItemEvents
        )
        return dropping(.core, entries) {
            core.users.contains($0.user) && core.items.contains($0.item)
        }
    }

    private mutating func checked(_ items: [Item]) -> [String: Item] {
        var catalogue: [String: Item] = [:]
        for (position, item) in items.enumerated() {
            guard item.validate().isEmpty else {
                ledger.recordDropped(.invalidItem, at: position)
                continue
            }
            var item = item
            if fit.clearsZeroCoordinates, item.place?.isZero == true {
                item.place = nil
                ledger.recordChanged(.zeroItemCoordinates, at: position)
            }
            if item.features.isEmpty { item.features = catalogue[item.id]?.features ?? [] }
            catalogue[item.id] = item
        }
        return catalogue
    }
}
