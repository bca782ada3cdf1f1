internal import Events
internal import Graphs
internal import Models
internal import Propagation

/// One window of labels and the graph of everything before it.
struct GCNExample: Sendable {
    let input: GCNInput
    /// User nodes: items and hours of the week.
    let users: GCNTarget
    /// Item nodes: hours of the week.
    let items: GCNTarget
    let itemNodes: Range<Int>
    /// Labels of items that are not 0.
    let positiveCount: Int

    init(
        _ table: EventTable,
        window: Range<Int>,
        plan: GCNPlan,
        settings: GCNSettings
    ) {
        var before = table
        before.rows = Array(table.rows[..<window.lowerBound])
        var isTrained = [Bool](repeating: false, count: table.catalogue.items.count)
        var outputs = [Int32](repeating: -1, count: isTrained.count)
        for (output, item) in plan.trainedItems.enumerated() {
            isTrained[Int(item)] = true
            outputs[Int(item)] = Int32(output)
        }
        let graph = GCNGraph(before, isTrained: isTrained, settings: settings)
        let labels = GCNLabels(
            table.rows[window],
            outputs: outputs,
            ranges: GCNOutputRanges(trainedItemCount: plan.trainedItems.count),
            settings: settings
        )
        let userNodes = table.users.ids.indices.filter {
            labels.byUser[Int32($0)] != nil || !graph.histories[$0].isEmpty
        }.map { Int32($0) }
        input = graph.input
        users = labels.userTarget(nodes: userNodes)
        items = labels.itemTarget(firstNode: Int32(graph.nodes.items.lowerBound))
        itemNodes = graph.nodes.items
        positiveCount = labels.positiveCount
    }

    /// Whether some labels of items are positive and some are not.
    var hasTwoClasses: Bool {
        positiveCount > 0
            && positiveCount < users.nodes.count * (users.outputs.count - TimeSlot.count)
    }

    static let oneClass = GCNPlan.tooLittle(
        "labels",
        "in every window all labels are of one class",
        "train on events of which users do some and leave others"
    )
}

/// What the events of a window say of users and items.
///
/// A user's label for an item or an hour is the share of the window's weeks with such an event;
/// an item's label for an hour is the hour's share of the item's events. Events of actions that
/// weigh nothing or less are no positives.
private struct GCNLabels {
    /// By user: the weeks of each output.
    private(set) var byUser: [Int32: [Int32: Set<Int64>]] = [:]
    /// By item: events of each hour.
    private var byItem: [Int32: [Int32: Float]] = [:]
    private let weekCount: Float
    private let ranges: GCNOutputRanges
    private let settings: GCNSettings
    private(set) var positiveCount = 0

    init(
        _ rows: ArraySlice<EventRow>,
        outputs: [Int32],
        ranges: GCNOutputRanges,
        settings: GCNSettings
    ) {
        self.ranges = ranges
        self.settings = settings
        let start = rows.first?.instant ?? Instant(secondsSinceEpoch: 0)
        let seconds = rows.last?.instant.seconds(since: start) ?? 0
        let secondsPerWeek = Double(LocalTime.secondsPerWeek)
        weekCount = Float(max(1, (seconds / secondsPerWeek).rounded()))
        for row in rows {
            let output = outputs[Int(row.item)]
            let action = Int(row.action)
            let weights = settings.actionWeights
            guard output >= 0, !weights.indices.contains(action) || weights[action] > 0 else {
                continue
            }
            // What is left after the last whole week belongs to it.
            let week = Int64(
                min(weekCount - 1, Float(row.instant.seconds(since: start) / secondsPerWeek))
            )
            let slot = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes))
            let hour = Int32(slot.hourOfWeek)
            let isNew = byUser[row.user]?[output] == nil
            positiveCount += isNew ? 1 : 0
            byUser[row.user, default: [:]][output, default: []].insert(week)
            byUser[row.user, default: [:]][
                Int32(ranges.userSlots.lowerBound) + hour,
                default: []
            ].insert(week)
            byItem[row.item, default: [:]][hour, default: 0] += 1
        }
    }

    func userTarget(nodes: [Int32]) -> GCNTarget {
        let outputs = 0..<ranges.userSlots.upperBound
        let entries = nodes.enumerated().flatMap { row, user in
            (byUser[user] ?? [:]).map { output, weeks in
                CSRMatrix.Entry(
                    row: Int32(row),
                    column: output,
                    value: Float(weeks.count) / weekCount
                )
            }
        }
        return GCNTarget(
            nodes: nodes,
            outputs: outputs,
            labels: CSRMatrix(
                rowCount: nodes.count,
                columnCount: outputs.count,
                entries: entries
            ),
            positiveWeight: Float(settings.positiveWeight)
        )
    }

    func itemTarget(firstNode: Int32) -> GCNTarget {
        let items = byItem.keys.sorted()
        let entries = items.enumerated().flatMap { row, item in
            let hours = byItem[item] ?? [:]
            let total = hours.values.reduce(0, +)
            return hours.map { hour, count in
                CSRMatrix.Entry(row: Int32(row), column: hour, value: count / total)
            }
        }
        return GCNTarget(
            nodes: items.map { firstNode + $0 },
            outputs: ranges.itemSlots,
            labels: CSRMatrix(
                rowCount: items.count,
                columnCount: ranges.itemSlots.count,
                entries: entries
            )
        )
    }
}
