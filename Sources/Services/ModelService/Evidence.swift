internal import Events
internal import Messages
internal import Models
internal import Ranking

/// What the parts of a score rest on, in sentences for people.
struct EvidenceWriter {
    let asker: Asker
    let time: ListQuery.AskedTime
    let place: Place?
    let snapshot: ServingSnapshot

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
        case "category": categoryText(item)
        case "collaborative": "people with a similar history go there"
        case "popularity": "popular with others"
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
        guard follows > 0 else { return "others go there after \(lastName)" }
        return "followed \(lastName) \(follows == 1 ? "once" : "\(follows) times")"
    }

    private func timeText(_ item: Int32) -> String? {
        guard !time.isHidden else { return nil }
        let slot = TimeSlot(time.instant, utcOffsetMinutes: time.utcOffsetMinutes)
        let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        return "usual on a \(days[slot.dayOfWeek]) around \(slot.hourOfDay):00"
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
