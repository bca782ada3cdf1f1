internal import Events
internal import Models
internal import Ranking

/// Whom an answer is for: the user's live state with the session's own events on top.
struct Asker {
    /// Over live item indices.
    var history: UserHistory
    var lastPlace: Place?
    private let live: LiveUser
    /// Of the session's own events.
    private var sessionItems: [Int32] = []

    /// Live indices of every item the user ever touched. Made when asked for: O(events).
    var seen: Set<Int32> { live.seen.union(sessionItems) }

    /// Session events about items that the catalogue does not know are left out: nothing could be
    /// scored from them.
    init(_ query: ListQuery, users: LiveUsers, snapshot: ServingSnapshot) {
        live = users[query.user] ?? LiveUser()
        history = live.history
        lastPlace = live.lastPlace
        for event in query.sessionEvents {
            guard let item = snapshot.catalogue.index(of: event.item) else { continue }
            history.record(
                UserHistory.Entry(
                    item: item,
                    action: snapshot.actions.firstIndex(of: event.action).map(Int16.init) ?? -1,
                    utcOffsetMinutes: Int16(event.utcOffsetMinutes),
                    instant: event.instant,
                    value: Float(event.value ?? 1)
                )
            )
            sessionItems.append(item)
            lastPlace = event.place ?? snapshot.catalogue[item].place ?? lastPlace
        }
    }

    /// The moment to answer for: as asked, else now on the clock of the user's last event.
    func time(asked: ListQuery.AskedTime?, now: Instant) -> ListQuery.AskedTime {
        asked
            ?? ListQuery.AskedTime(
                instant: now,
                utcOffsetMinutes: history.last.map { Int($0.utcOffsetMinutes) } ?? 0,
                isHidden: false
            )
    }

    /// Where to answer for: as asked, else where the user was last.
    func place(asked: Place?, catalogue: LiveCatalogue) -> Place? {
        if let place = asked ?? lastPlace { return place }
        guard let last = history.last, last.item < catalogue.count else { return nil }
        return catalogue[last.item].place
    }
}
