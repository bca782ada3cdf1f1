internal import Alerts
internal import Events
internal import LogFollowing
internal import Messages

/// The events of each user, by time, as the log tells them.
struct EventsOfUsers: Sendable {
    private(set) var deeds: [String: [Deed]] = [:]
    fileprivate(set) var places: [String: Place] = [:]

    mutating func apply(_ changes: [LogFollower.Change]) {
        for change in changes {
            switch change {
            case .event(let event): deeds[event.user, default: []].append(deed(event))
            case .item(let item): places[item.id] = item.place
            case .forget(let user): deeds[user] = nil
            case .merge(let source, let target):
                if let moved = deeds.removeValue(forKey: source) {
                    deeds[target, default: []] += moved
                }
            }
        }
    }

    /// Where the event was; where its item is, if it does not say.
    func deed(_ event: Event) -> Deed {
        Deed(
            instant: event.instant,
            utcOffsetMinutes: event.utcOffsetMinutes,
            place: event.place ?? places[event.item]
        )
    }
}

/// The watch over all users, as the log goes on.
struct WatchedLog: Sendable {
    struct Outcome: Sendable {
        var alerts: [Wire.UserAlert] = []
        var forgotten: [String] = []
        /// Where habits were learned: what the thresholds were set on.
        var userMonths: Double?
    }

    private let settings: AlertSettings
    private var monitor: AlertMonitor?
    private var past = EventsOfUsers()
    private var users: [String] = []
    private var indices: [String: Int] = [:]
    private var hasTold = false

    init(settings: AlertSettings) { self.settings = settings }

    /// Learns anew from all there is. The first time, the alerts of the past are told too.
    mutating func learn(_ histories: EventsOfUsers, at now: Instant) -> Outcome {
        users = histories.deeds.keys.sorted()
        indices = Dictionary(uniqueKeysWithValues: users.enumerated().map { ($1, $0) })
        // By time; of one instant as they came.
        let ordered = users.map { user in
            (histories.deeds[user] ?? []).enumerated().sorted {
                ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset)
            }.map(\.element)
        }
        let model = AlertModel(ordered, until: now, settings: settings)
        var fresh = AlertMonitor(model)
        var alerts: [Alert] = []
        for (user, deeds) in ordered.enumerated() {
            for deed in deeds { alerts += fresh.observe(deed, user: user) }
        }
        alerts += fresh.advance(to: now)
        monitor = fresh
        past = EventsOfUsers()
        for (item, place) in histories.places { past.place(item, at: place) }
        defer { hasTold = true }
        return Outcome(
            alerts: hasTold
                ? [] : alerts.sorted { ($0.instant, $0.user) < ($1.instant, $1.user) }.map(message),
            userMonths: model.userMonths
        )
    }

    /// Watches what came, and what was due by `end`.
    mutating func watch(_ changes: [LogFollower.Change], until end: Instant?) -> Outcome {
        var outcome = Outcome()
        guard monitor != nil else { return outcome }
        for change in changes {
            switch change {
            case .event(let event):
                let user = index(of: event.user)
                let alerts = monitor?.observe(past.deed(event), user: user) ?? []
                outcome.alerts += alerts.map(message)
            case .item(let item): past.place(item.id, at: item.place)
            // A merged user's habits are learned anew with the rest.
            case .forget(let user), .merge(let user, _):
                if let known = indices[user] { monitor?.forget(user: known) }
                outcome.alerts.removeAll { $0.user == user }
                outcome.forgotten.append(user)
            }
        }
        if let end { outcome.alerts += (monitor?.advance(to: end) ?? []).map(message) }
        return outcome
    }

    private mutating func index(of user: String) -> Int {
        if let known = indices[user] { return known }
        indices[user] = users.count
        users.append(user)
        return users.count - 1
    }

    private func message(_ alert: Alert) -> Wire.UserAlert {
        Wire.UserAlert(
            user: users[alert.user],
            kind: AlertWords.kind(alert),
            instantMs: alert.instant.millisecondsSinceEpoch,
            cell: alert.cell?.token ?? "",
            surprisal: alert.surprisal,
            reason: AlertWords.reason(alert, user: users[alert.user])
        )
    }
}

extension EventsOfUsers {
    mutating func place(_ item: String, at place: Place?) { places[item] = place }
}
