internal import Events
internal import Models

/// How a table is cut by time for the gcn family: windows of labels, each with the graph of
/// everything before it, and a validation slice after all of them.
///
/// So the network learns what comes next, never what it was shown.
struct GCNPlan {
    /// Row numbers of the labels of each window, in time order.
    let windows: [Range<Int>]
    /// Row numbers of the validation slice, maybe none.
    let validation: Range<Int>
    /// Items with events before the validation slice, ascending.
    let trainedItems: [Int32]

    /// Fewer events are not worth learning from.
    static let minEvents = 20

    init(
        _ table: EventTable,
        settings: GCNSettings,
        validationStart: Instant?
    ) throws(ModelError) {
        let rows = table.rows
        guard rows.count >= Self.minEvents else {
            throw Self.tooLittle(
                "events",
                "found \(rows.count) events",
                "train on at least \(Self.minEvents) events"
            )
        }
        let share = Int(Double(rows.count) * (1 - settings.validationShare))
        let cut =
            validationStart.map { start in rows.firstIndex { $0.instant >= start } ?? rows.count }
            ?? Self.border(near: share, in: rows)
        let kept = rows[..<cut]
        try Self.requireTwo(Set(kept.map(\.user)).count, of: "users")
        let items = Set(kept.map(\.item))
        try Self.requireTwo(items.count, of: "items")
        try Self.requireFeatures(table, settings: settings)
        trainedItems = items.sorted()
        windows = Self.windows(rows, cut: cut, settings: settings)
        validation = cut..<rows.count
        guard !windows.isEmpty else {
            throw Self.tooLittle(
                "events",
                "\(cut) events before the validation slice cannot be cut by time",
                "train on events of at least two different instants"
            )
        }
    }

    /// Runs of rows between borders at which time passes; the first one has rows before it.
    private static func windows(
        _ rows: [EventRow],
        cut: Int,
        settings: GCNSettings
    ) -> [Range<Int>] {
        let first = Double(cut) * (1 - settings.labelShare)
        let seconds = rows[cut - 1].instant.seconds(since: rows[Int(first)].instant)
        // Shorter ones would not see every hour of the week.
        let weekCount = max(1, Int(seconds / Double(LocalTime.secondsPerWeek)))
        let count = min(settings.windowCount, weekCount)
        let step = (Double(cut) - first) / Double(count)
        var borders: [Int] = []
        for window in 0..<count {
            let border = border(near: max(1, Int(first + step * Double(window))), in: rows)
            let isNew = border > (borders.last ?? 0)
            if isNew && border < cut { borders.append(border) }
        }
        return zip(borders, borders.dropFirst() + [cut]).map { $0..<$1 }
    }

    /// The first row from `position` on whose instant is not that of the row before it.
    private static func border(near position: Int, in rows: [EventRow]) -> Int {
        var border = position
        while border > 0, border < rows.count,
            rows[border].instant == rows[border - 1].instant
        { border += 1 }
        return border
    }

    private static func requireTwo(_ count: Int, of place: String) throws(ModelError) {
        guard count >= 2 else {
            throw tooLittle(
                place,
                "the events before the validation slice are of \(count) of the \(place)",
                "train on events of at least 2 \(place)"
            )
        }
    }

    /// Without a feature of its own, an item is told from others by its category and place alone.
    private static func requireFeatures(
        _ table: EventTable,
        settings: GCNSettings
    ) throws(ModelError) {
        guard !settings.hasItemIdentity else { return }
        let index = CatalogueIndex(table.catalogue)
        guard Set(index.category).count > 1 || Set(index.cell).count > 1 else {
            throw tooLittle(
                "features",
                "all items have the same category and cell: their features are constant",
                "give categories or places, or set item-identity to true"
            )
        }
    }

    static func tooLittle(_ place: String, _ problem: String, _ remedy: String) -> ModelError {
        ModelError(code: .notEnoughData, place: place, problem: problem, remedy: remedy)
    }
}
