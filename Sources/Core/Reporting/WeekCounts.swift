internal import Charts
internal import Events

/// Events by local hour of the week, of all and by category.
struct WeekCounts {
    /// Shape [168].
    private(set) var all = [Double](repeating: 0, count: TimeSlot.count)
    /// By category's index.
    private var byCategory: [Int32: [Double]] = [:]
    private let names: [String]

    init(_ table: EventTable) {
        names = table.catalogue.categories.ids
        let none = all
        for row in table.rows {
            let slot = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes))
            all[slot.hourOfWeek] += 1
            let category = table.catalogue.category[Int(row.item)]
            if category >= 0 { byCategory[category, default: none][slot.hourOfWeek] += 1 }
        }
    }

    /// The most frequent categories, as panels.
    func panels(_ count: Int) -> [HeatMap.Panel] {
        let totals = byCategory.mapValues { $0.reduce(0, +) }
        let ranked = byCategory.keys.sorted {
            (totals[$0] ?? 0, $1) > (totals[$1] ?? 0, $0)
        }
        return ranked.prefix(count).map {
            HeatMap.Panel(title: names[Int($0)], values: byCategory[$0] ?? all)
        }
    }
}
