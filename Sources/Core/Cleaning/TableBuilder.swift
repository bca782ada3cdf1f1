internal import Events

/// Lays cleaned events out as a table over its vocabularies.
struct TableBuilder {
    let fit: CleaningFit
    /// By item id.
    let catalogue: [String: Item]

    /// - Parameter events: in canonical order, each with an item.
    func build(_ events: [Event]) -> EventTable {
        let users = Vocabulary(events.lazy.map(\.user))
        let items = itemTable(events)
        let actions = Vocabulary(events.lazy.map(\.action))
        let sessions = Vocabulary(events.lazy.compactMap(Self.session))
        let rows = events.compactMap { event -> EventRow? in
            guard
                let user = users.index(of: event.user),
                let item = items.items.index(of: event.item),
                let action = actions.index(of: event.action)
            else { return nil }
            return EventRow(
                user: user,
                item: item,
                instant: event.instant,
                utcOffsetMinutes: Int16(event.utcOffsetMinutes),
                action: Int16(action),
                session: Self.session(event).flatMap(sessions.index) ?? -1,
                value: Float(event.value ?? 1)
            )
        }
        precondition(rows.count == events.count, "\(rows.count) rows of \(events.count) events")
        return EventTable(users: users, catalogue: items, actions: actions, rows: rows)
    }

    /// Sessions are numbered over the whole table: two users' sessions are never one.
    private static func session(_ event: Event) -> String? {
        event.context.session.isEmpty ? nil : event.user + "\0" + event.context.session
    }

    private func itemTable(_ events: [Event]) -> ItemTable {
        let visited = Set(events.lazy.map(\.item))
        let ids = fit.keepsItemsWithoutEvents ? visited.union(catalogue.keys) : visited
        let items = Vocabulary(ids)
        let names = items.ids.map { catalogue[$0]?.category ?? "" }
        let categories = Vocabulary(names.lazy.filter { !$0.isEmpty })
        let learned = placesOfEvents(events)
        let features = items.ids.map { catalogue[$0]?.features ?? [] }
        return ItemTable(
            items: items,
            categories: categories,
            category: names.map { categories.index(of: $0) ?? -1 },
            place: items.ids.map { catalogue[$0]?.place ?? learned[$0] },
            features: features.allSatisfy(\.isEmpty) ? [] : features
        )
    }

    /// The middle of where people did something at an item, for items that the catalogue does not
    /// place. The median of each coordinate: one phone with a bad fix does not move it.
    private func placesOfEvents(_ events: [Event]) -> [String: Place] {
        let placing = Set(fit.placingActions)
        var places: [String: [Place]] = [:]
        for event in events where placing.contains(event.action) {
            guard let place = event.place, catalogue[event.item]?.place == nil else { continue }
            places[event.item, default: []].append(place)
        }
        return places.compactMapValues { places in
            Place(
                latitudeDegrees: Self.median(places.map(\.latitudeDegrees)),
                longitudeDegrees: Self.median(places.map(\.longitudeDegrees))
            )
        }
    }

    /// The lower of the two middle values where the count is even: a value that occurred.
    private static func median(_ values: [Double]) -> Double {
        values.sorted()[(values.count - 1) / 2]
    }
}
