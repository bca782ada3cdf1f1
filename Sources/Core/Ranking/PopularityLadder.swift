package import Events
internal import Glibc

/// Who is popular when and where: the answer for users without a history and stores without a
/// version, and the counts behind Trending.
///
/// The score is additive like every other: popularity + time + place + time and place together,
/// each the logarithm of a count, so that finer rungs win where they have evidence and coarser
/// ones fill up the rest.
package struct PopularityLadder: Sendable {
    /// A candidate with the parts of its score, in the order of `partNames`.
    package struct Candidate: Sendable {
        package var item: Int32
        package var parts: SIMD4<Double>
        package var score: Double { parts.sum() }
    }

    package static let partNames = ["popularity", "time", "place", "time-place"]
    /// A count in the asked slot or cell says more than one anywhere.
    private static let rungWeights = SIMD4(1.0, 1.5, 1.5, 2.0)

    private var total: [Float] = []
    private var bySlot: [[Int32: Float]] = Array(repeating: [:], count: TimeSlot.count)
    private var byCell: [Cell: [Int32: Float]] = [:]
    private var bySlotAndCell: [SlotAndCell: [Int32: Float]] = [:]
    /// Every event counted, by hour since 1970: Trending's windows are exact at both ends.
    private var byHour: [Int64: [Sighting]] = [:]
    /// The newest event counted: where Trending's window ends unless the caller says otherwise.
    package private(set) var newestInstant: Instant?

    private struct SlotAndCell: Hashable {
        var slot: Int16
        var cell: Cell
    }

    private struct Sighting {
        /// Since the hour began.
        var milliseconds: Int32
        var item: Int32
    }

    private static let millisecondsPerHour: Int64 = 3_600_000

    package init() {}

    /// Counts one event about the item at live index `item`. Cost O(1).
    package mutating func record(item: Int32, instant: Instant, slot: TimeSlot, cell: Cell?) {
        while total.count <= Int(item) { total.append(0) }
        total[Int(item)] += 1
        bySlot[slot.hourOfWeek][item, default: 0] += 1
        if let cell {
            byCell[cell, default: [:]][item, default: 0] += 1
            let key = SlotAndCell(slot: Int16(slot.hourOfWeek), cell: cell)
            bySlotAndCell[key, default: [:]][item, default: 0] += 1
        }
        let (hour, rest) = Self.hour(of: instant.millisecondsSinceEpoch)
        byHour[hour, default: []].append(Sighting(milliseconds: rest, item: item))
        newestInstant = newestInstant.map { max($0, instant) } ?? instant
    }

    /// The best `k` eligible items, ties by smaller index. Cost O(items · log items).
    ///
    /// - Parameters:
    ///   - eligible: over live indices; may be longer or shorter than what was counted.
    ///   - slot, cell: nil where unknown; those rungs then count nothing.
    ///   - switchedOff: names of rungs that must count exactly zero.
    package func top(
        _ k: Int,
        eligible: ItemMask,
        slot: TimeSlot?,
        cell: Cell?,
        switchedOff: Set<String> = []
    ) -> [Candidate] {
        var weights = Self.rungWeights
        for (rung, name) in Self.partNames.enumerated() where switchedOff.contains(name) {
            weights[rung] = 0
        }
        let inSlot = slot.map { bySlot[$0.hourOfWeek] } ?? [:]
        let inCell = cell.flatMap { byCell[$0] } ?? [:]
        var inBoth: [Int32: Float] = [:]
        if let slot, let cell {
            let key = SlotAndCell(slot: Int16(slot.hourOfWeek), cell: cell)
            inBoth = bySlotAndCell[key] ?? [:]
        }
        return best(k, among: eligible, weights: weights) { item in
            let everywhere = Int(item) < total.count ? total[Int(item)] : 0
            return SIMD4(everywhere, inSlot[item] ?? 0, inCell[item] ?? 0, inBoth[item] ?? 0)
        }
    }

    /// The most frequent eligible items of the events in `window`, which is exact to the
    /// millisecond; one part, the count's logarithm. Items without an event in it are left out. Cost
    /// O(hours known + events in the hours of the window + items).
    package func trending(_ k: Int, eligible: ItemMask, window: Range<Instant>) -> [Candidate] {
        guard !window.isEmpty else { return [] }
        let (first, start) = Self.hour(of: window.lowerBound.millisecondsSinceEpoch)
        let (last, end) = Self.hour(of: window.upperBound.millisecondsSinceEpoch - 1)
        var counts = [Float](repeating: 0, count: total.count)
        for (hour, sightings) in byHour where (first...last).contains(hour) {
            for sighting in sightings
            where (hour > first || sighting.milliseconds >= start)
                && (hour < last || sighting.milliseconds <= end)
            {
                counts[Int(sighting.item)] += 1
            }
        }
        return best(k, among: eligible, weights: Self.rungWeights) {
            SIMD4(Int($0) < counts.count ? counts[Int($0)] : 0, 0, 0, 0)
        }.filter { $0.score > 0 }
    }

    /// Hours since 1970-01-01, rounded down, and the milliseconds since that hour began.
    private static func hour(of milliseconds: Int64) -> (Int64, rest: Int32) {
        let (hour, rest) = milliseconds.quotientAndRemainder(dividingBy: millisecondsPerHour)
        return rest < 0 ? (hour - 1, Int32(rest + millisecondsPerHour)) : (hour, Int32(rest))
    }

    /// The finest rung that has a count for an eligible item, as provenance names it: what was asked
    /// for but never seen, or is switched off, is not named.
    package func path(
        eligible: ItemMask,
        slot: TimeSlot?,
        cell: Cell?,
        switchedOff: Set<String> = []
    ) -> String {
        func reaches(_ rung: Int, _ counts: [Int32: Float]?) -> Bool {
            guard !switchedOff.contains(Self.partNames[rung]), let counts else { return false }
            return counts.keys.contains { $0 < eligible.count && eligible[$0] }
        }
        if let slot, let cell {
            let key = SlotAndCell(slot: Int16(slot.hourOfWeek), cell: cell)
            if reaches(3, bySlotAndCell[key]) { return "popularity-slot-cell" }
        }
        if reaches(1, slot.map { bySlot[$0.hourOfWeek] }) { return "popularity-slot" }
        if reaches(2, cell.flatMap { byCell[$0] }) { return "popularity-cell" }
        return "popularity"
    }

    /// How many events the item had; within an hour of a time of the week where a slot is given.
    package func count(of item: Int32, around slot: TimeSlot? = nil) -> Int {
        guard let slot else { return Int(item) < total.count ? Int(total[Int(item)]) : 0 }
        return [TimeSlot.count - 1, 0, 1].reduce(0) { sum, shift in
            let hour = (slot.hourOfWeek + shift) % TimeSlot.count
            return sum + Int(bySlot[hour][item] ?? 0)
        }
    }

    private func best(
        _ k: Int,
        among eligible: ItemMask,
        weights: SIMD4<Double>,
        counts: (Int32) -> SIMD4<Float>
    ) -> [Candidate] {
        var scored: [Candidate] = []
        for item in 0..<Int32(eligible.count) where eligible[item] {
            let inRungs = counts(item)
            var parts = SIMD4<Double>.zero
            for rung in 0..<4 where inRungs[rung] > 0 {
                parts[rung] = log1p(Double(inRungs[rung])) * weights[rung]
            }
            scored.append(Candidate(item: item, parts: parts))
        }
        scored.sort { ($1.score, $0.item) < ($0.score, $1.item) }
        return Array(scored.prefix(k))
    }
}
