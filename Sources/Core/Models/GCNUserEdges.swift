internal import Events

/// The edges of one user node: to the items met and to the hours of the week.
///
/// The one rule for users of the training graph and for users who appear later, so that both
/// have the same hidden vector for the same history (inductive, as GraphSAGE: Hamilton, Ying and
/// Leskovec 2017).
struct GCNUserEdges: Sendable {
    /// Ascending: an item's index, or the number of items plus the hour of the week.
    let neighbours: [Int32]
    /// Decayed action weights, summed; ages count from the user's last event.
    let weights: [Float]
    /// Σ |weight|, the user's degree without a self-loop.
    let degree: Float

    init(_ history: UserHistory, itemCount: Int, settings: GCNSettings) {
        var sums: [Int32: Float] = [:]
        for entry in history.entries {
            let seconds = history.last.map { $0.instant.seconds(since: entry.instant) } ?? 0
            let weight = settings.weight(ofAction: entry.action, daysAgo: seconds / 86_400)
            let slot = TimeSlot(entry.instant, utcOffsetMinutes: Int(entry.utcOffsetMinutes))
            sums[entry.item, default: 0] += weight
            sums[Int32(itemCount + slot.hourOfWeek), default: 0] += weight
        }
        let sorted = sums.filter { $0.value != 0 }.sorted { $0.key < $1.key }
        neighbours = sorted.map(\.key)
        weights = sorted.map(\.value)
        degree = sorted.reduce(0) { $0 + abs($1.value) }
    }
}
