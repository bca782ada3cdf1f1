internal import Events
internal import Messages
internal import Models
internal import Ranking

/// What the parts of a score rest on, in sentences for people.
///
/// A sentence is written only where the counts say it: a part can speak for an item through
/// neighbours in time, place or graph, and of that there is nothing to tell.
struct EvidenceWriter {
    private let asker: Asker
    private let time: ListQuery.AskedTime
    private let place: Place?
    private let snapshot: ServingSnapshot
    /// How often others went on to an item from the user's last one, within a day.
    private let followers: [Int32: Int]
    /// Where others went on to from any item that the user had lately.
    private let reached: Set<Int32>

    /// Of the user's items; further back they say little of today.
    private static let maxItems = 100

    init(
        asker: Asker,
        time: ListQuery.AskedTime,
        place: Place?,
        snapshot: ServingSnapshot,
        version: ServingVersion?
    ) {
        self.asker = asker
        self.time = time
        self.place = place
        self.snapshot = snapshot
        var followers: [Int32: Int] = [:]
        var reached: Set<Int32> = []
        if let version {
            let own = Self.transitions(of: asker.history)
            let last = asker.history.last?.item
            for item in Set(asker.history.entries.suffix(Self.maxItems).map(\.item)) {
                for (next, count) in Self.transitions(from: item, in: version) {
                    let others = count - (own[Step(from: item, to: next)] ?? 0)
                    guard others > 0 else { continue }
                    reached.insert(next)
                    if item == last { followers[next] = others }
                }
            }
        }
        self.followers = followers
        self.reached = reached
    }

    private struct Step: Hashable {
        var from: Int32
        var to: Int32
    }

    /// What the statistics over all users have counted of this one.
    private static func transitions(of history: UserHistory) -> [Step: Int] {
        var counts: [Step: Int] = [:]
        for (one, next) in zip(history.entries, history.entries.dropFirst())
        where next.instant.seconds(since: one.instant) <= LiveStatistics.maxTransitionSeconds {
            counts[Step(from: one.item, to: next.item), default: 0] += 1
        }
        return counts
    }

    /// Of all users, over live indices.
    private static func transitions(
        from live: Int32,
        in version: ServingVersion
    ) -> [(Int32, Int)] {
        guard let item = version.item(ofLive: live) else { return [] }
        return version.statistics.transitions(from: item).map {
            (version.liveByItem[Int($0.target)], Int($0.weight))
        }
    }

    /// At most one sentence a part that speaks for the item.
    func evidence(for candidate: Candidate) -> [Wire.Evidence] {
        candidate.parts.filter { $0.amount > 0 }.compactMap { part in
            text(for: part.name, item: candidate.item).map {
                Wire.Evidence(text: $0, part: part.name)
            }
        }
    }

    private func text(for part: String, item: Int32) -> String? {
        switch part {
        case "memory": memoryText(item)
        case "sequence": sequenceText(item)
        case "time": timeText(item)
        case "place": placeText(item)
        case "cell": cellText(item)
        case "category": categoryText(item)
        case "collaborative":
            reached.contains(item) ? "people with a similar history go there" : nil
        case "popularity": isKnownToOthers(item) ? "popular with others" : nil
        default: nil
        }
    }

    private func memoryText(_ item: Int32) -> String? {
        let visits = asker.history.entries.filter { $0.item == item }
        guard let last = visits.last else { return nil }
        let count = visits.count == 1 ? "once" : "\(visits.count) times"
        guard !time.isHidden else { return "\(count) before" }
        let days = max(0, time.instant.seconds(since: last.instant)) / 86_400
        return "\(count) before, last \(ageText(days: days)) ago"
    }

    private func ageText(days: Double) -> String {
        switch days {
        case ..<(2 / 24.0): "less than two hours"
        case ..<2: "\(Int(days * 24)) hours"
        case ..<60: "\(Int(days)) days"
        default: "\(Int(days / 30)) months"
        }
    }

    private func sequenceText(_ item: Int32) -> String? {
        guard let last = asker.history.last else { return nil }
        let entries = asker.history.entries
        let follows = zip(entries, entries.dropFirst())
            .filter { $0.0.item == last.item && $0.1.item == item }.count
        let lastName = name(of: last.item)
        guard follows > 0 else {
            return followers[item] == nil ? nil : "others go there after \(lastName)"
        }
        return "followed \(lastName) \(follows == 1 ? "once" : "\(follows) times")"
    }

    /// Once is no habit.
    private static let usualCount = 2

    private func isKnownToOthers(_ item: Int32) -> Bool {
        snapshot.ladder.count(of: item) > asker.history.entries.count { $0.item == item }
    }

    private func timeText(_ item: Int32) -> String? {
        guard !time.isHidden else { return nil }
        let slot = TimeSlot(time.instant, utcOffsetMinutes: time.utcOffsetMinutes)
        guard snapshot.ladder.count(of: item, around: slot) >= Self.usualCount else { return nil }
        return "usual on a \(TimeSlot.dayNames[slot.dayOfWeek]) around \(slot.hourOfDay):00"
    }

    private func placeText(_ item: Int32) -> String? {
        guard let place, item < snapshot.catalogue.count,
            let target = snapshot.catalogue[item].place
        else { return nil }
        let meters = place.distanceMeters(to: target)
        let text =
            meters < 950
            ? "\(Int((meters / 50).rounded()) * 50) m" : "\((meters / 100).rounded() / 10) km"
        return "\(text) away"
    }

    private func cellText(_ item: Int32) -> String? {
        func cell(_ item: Int32) -> Cell? {
            guard item < snapshot.catalogue.count else { return nil }
            return snapshot.catalogue[item].place?.cell(level: Cell.neighbourhoodLevel)
        }
        guard let own = cell(item) else { return nil }
        let count = asker.history.entries.count { cell($0.item) == own }
        return count == 0 ? nil : "\(count) visits to this neighbourhood"
    }

    private func categoryText(_ item: Int32) -> String? {
        guard item < snapshot.catalogue.count else { return nil }
        let category = snapshot.catalogue[item].category
        guard !category.isEmpty else { return nil }
        let count = asker.history.entries.filter {
            $0.item < snapshot.catalogue.count && snapshot.catalogue[$0.item].category == category
        }.count
        return count == 0 ? "a new kind of place: \(category)" : "\(count) visits to \(category)"
    }

    private func name(of item: Int32) -> String {
        guard item < snapshot.catalogue.count else { return "a new item" }
        let entry = snapshot.catalogue[item]
        return entry.name.isEmpty ? entry.id : entry.name
    }
}
