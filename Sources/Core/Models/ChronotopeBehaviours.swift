package import Events

/// Which of several actions are the answers: purchases beside views and carts, high ratings beside
/// low ones.
///
/// Everything else the user did stays in the memory, weighed action by action by its kernels.
package struct ChronotopeBehaviours: Hashable, Sendable {
    /// By index of the action; empty where every action is an answer.
    private let isTargetAction: [Bool]

    /// Every action is an answer.
    package static let all = ChronotopeBehaviours([], in: Vocabulary([]))

    /// - Parameter names: of the target actions; those outside `actions` are left out.
    package init(_ names: [String], in actions: Vocabulary) {
        isTargetAction = names.isEmpty ? [] : actions.ids.map { names.contains($0) }
    }

    /// Refuses target actions of which the data has none.
    package static func require(
        _ names: [String],
        in actions: Vocabulary
    ) throws(ModelError) {
        guard names.isEmpty || names.contains(where: { actions.index(of: $0) != nil }) else {
            throw ModelError(
                code: .notEnoughData,
                place: "target-actions",
                problem: "no event has an action of '\(names.joined(separator: " "))'",
                remedy: "name some of \(actions.ids.joined(separator: ", "))"
            )
        }
    }

    /// Whether some actions are answers and others are not.
    var areDistinct: Bool { !isTargetAction.isEmpty }

    package func isTarget(_ action: Int16) -> Bool {
        guard areDistinct else { return true }
        return isTargetAction.indices.contains(Int(action)) && isTargetAction[Int(action)]
    }

    /// Items of the history with a target action, each once, in order of their first; none where
    /// every action is one.
    func targetItems(of history: UserHistory) -> [Int32] {
        guard areDistinct else { return [] }
        var seen: Set<Int32> = []
        return history.entries.filter { isTarget($0.action) }.map(\.item)
            .filter { seen.insert($0).inserted }
    }

    /// Everybody's target events of each item, [items].
    func targetCounts(in statistics: LiveStatistics) -> [Float] {
        var sums = [Float](repeating: 0, count: statistics.catalogue.itemCount)
        for (action, counts) in statistics.actionItems.enumerated()
        where isTarget(Int16(action)) {
            for item in sums.indices { sums[item] += counts[item] }
        }
        return sums
    }
}

extension ChronotopeField {
    /// Pseudo-events without a target: few events say little. As in the baseline `own-rate`.
    private static let conversionPrior: Float = 20

    /// Target events over the others: 8.5 + log2 (rate + 2⁻⁸), in 0.5...
    @inline(__always)
    static func conversion(targets: Float, events: Float) -> Float {
        8.5 + fastLog2(targets / (events - targets + conversionPrior) + 0.00390625)
    }

    /// The columns of `DenseFeature.targetPopularity` and `.conversion`; empty where every action
    /// is a target.
    static func targetColumns(
        _ behaviours: ChronotopeBehaviours,
        _ statistics: LiveStatistics
    ) -> [[Float]] {
        guard behaviours.areDistinct, statistics.eventCount > 0 else { return [[], []] }
        let targets = behaviours.targetCounts(in: statistics)
        let scale = 20 * Float(targets.count) / max(1, targets.reduce(0, +))
        let events = statistics.itemCount
        return [
            targets.map { fastLog2(1 + $0 * scale) },
            targets.indices.map { conversion(targets: targets[$0], events: events[$0]) },
        ]
    }

    /// What everybody's events say of the items that the user met otherwise than by a target
    /// action.
    static func addTouched(
        to memory: inout ChronotopeMemory,
        _ history: UserHistory,
        _ behaviours: ChronotopeBehaviours,
        _ statistics: LiveStatistics
    ) {
        guard behaviours.areDistinct else { return }
        let targets = behaviours.targetCounts(in: statistics)
        for entry in history.entries where !behaviours.isTarget(entry.action) {
            let (row, item) = (memory.row(of: entry.item), Int(entry.item))
            let (bought, met) = (targets[item], statistics.itemCount[item])
            let rate = conversion(targets: bought, events: met)
            memory.set(.touchedConversion, ofRow: row, to: rate)
            memory.set(.touchedTargets, ofRow: row, to: 1 + fastLog2(1 + bought))
            memory.set(.touchedOthers, ofRow: row, to: 1 + fastLog2(1 + met - bought))
        }
    }
}

extension [Float] {
    /// The weight of an event of this action; 1 for actions beyond the end and unknown ones.
    func weight(of action: Int16) -> Float {
        indices.contains(Int(action)) ? self[Int(action)] : 1
    }
}
