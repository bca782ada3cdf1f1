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
    private var byDay: [Int64: [Int32: Float]] = [:]
    /// The newest event counted: where Trending's window ends unless the caller says otherwise.
    package private(set) var newestInstant: Instant?

    private struct SlotAndCell: Hashable {
        var slot: Int16
        var cell: Cell
    }

    private static let millisecondsPerDay: Int64 = 86_400_000

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
        let day = Self.day(of: instant.millisecondsSinceEpoch)
        byDay[day, default: [:]][item, default: 0] += 1
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

    /// The most frequent eligible items of the days (UTC) that touch `window`; one part, the
    /// count's logarithm. Items without an event in the window are left out. Cost O(days + items).
    package func trending(_ k: Int, eligible: ItemMask, window: Range<Instant>) -> [Candidate] {
        guard !window.isEmpty else { return [] }
        let first = Self.day(of: window.lowerBound.millisecondsSinceEpoch)
        let last = Self.day(of: window.upperBound.millisecondsSinceEpoch - 1)
        var counts: [Int32: Float] = [:]
        for (day, items) in byDay where (first...last).contains(day) {
            counts.merge(items, uniquingKeysWith: +)
        }
        return best(k, among: eligible, weights: Self.rungWeights) {
            SIMD4(counts[$0] ?? 0, 0, 0, 0)
        }.filter { $0.score > 0 }
    }

    /// Days since 1970-01-01, rounded down.
    private static func day(of milliseconds: Int64) -> Int64 {
        let (day, rest) = milliseconds.quotientAndRemainder(dividingBy: millisecondsPerDay)
        return rest < 0 ? day - 1 : day
    }

    /// The rung that a slot and a cell reach, as provenance names it.
    package static func path(slot: TimeSlot?, cell: Cell?) -> String {
        switch (slot, cell) {
        case (.some, .some): "popularity-slot-cell"
        case (.some, .none): "popularity-slot"
        case (.none, .some): "popularity-cell"
        case (.none, .none): "popularity"
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
