package import Events
internal import Glibc
package import Graphs
package import Models
package import Propagation

/// Draws items that a user did not meet.
package struct NegativeSampler: Sendable {
    private let kind: LightGCNSettings.Negatives
    /// Σ of popularity^α up to and with each item, over the whole; shape [items].
    private let cumulative: [Double]
    /// Where negatives are hard: the items like each item, by what they share.
    private let groups: [Grouping]
    /// What users met, shape [users, items].
    private let strengths: CSRMatrix

    /// Items by one thing that they share.
    private struct Grouping: Sendable {
        /// Shape [items]; −1 where it is not known.
        var groupOfItem: [Int]
        var members: [[Int32]]

        init(_ groupOfItem: [Int]) {
            self.groupOfItem = groupOfItem
            members = Array(repeating: [], count: (groupOfItem.max() ?? -1) + 1)
            for (item, group) in groupOfItem.enumerated() where group >= 0 {
                members[group].append(Int32(item))
            }
        }

        /// Empty where nothing else is like it.
        func items(like item: Int32) -> [Int32] {
            let group = groupOfItem[Int(item)]
            return group >= 0 && members[group].count > 1 ? members[group] : []
        }
    }

    /// Draws until one is not met; one that was met is taken after so many, for users who met
    /// nearly all.
    private static let maxTries = 32

    package init(_ table: EventTable, strengths: CSRMatrix, settings: LightGCNSettings) {
        kind = settings.negatives
        self.strengths = strengths
        let exponent = kind == .popularity ? settings.popularityExponent : 0
        var sum = 0.0
        let sums = strengths.columnDegrees().map { degree in
            // An item without events is drawn as if it had one.
            sum += pow(max(1, degree), exponent)
            return sum
        }
        cumulative = sums.map { $0 / sum }
        groups = kind == .hard ? Self.groups(table) : []
    }

    /// By S2 cell, and by the hour of the week in which most of an item's events are.
    private static func groups(_ table: EventTable) -> [Grouping] {
        let index = CatalogueIndex(table.catalogue)
        let cells = index.cell.map { Int($0) < index.cellRowCount - 1 ? Int($0) : -1 }
        var counts = [[Int: Int]](repeating: [:], count: table.catalogue.items.count)
        // Without times every event is at one instant, and its hour says nothing.
        if table.rows.first?.instant != table.rows.last?.instant {
            for row in table.rows {
                let slot = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes))
                counts[Int(row.item)][slot.hourOfWeek, default: 0] += 1
            }
        }
        let hours = counts.map { counts in
            counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? -1
        }
        return [Grouping(cells), Grouping(hours)]
    }

    /// An item that the user did not meet, beside one that was met, and the logarithm of its
    /// probability; nil for that where it depends on the item met.
    package func draw(
        beside item: Int32,
        user: Int,
        using generator: inout SplitMix64
    ) -> (item: Int32, logProbability: Float?) {
        let alike = groups.map { $0.items(like: item) }.filter { !$0.isEmpty }
        if !alike.isEmpty {
            for _ in 0..<Self.maxTries {
                let group = alike[generator.next(below: alike.count)]
                let drawn = group[generator.next(below: group.count)]
                if strengths[user, Int(drawn)] <= 0 { return (drawn, nil) }
            }
        }
        var drawn = draw(&generator)
        for _ in 0..<Self.maxTries where strengths[user, Int(drawn)] > 0 {
            drawn = draw(&generator)
        }
        return (drawn, kind == .hard ? nil : logProbability(of: drawn))
    }

    private func draw(_ generator: inout SplitMix64) -> Int32 {
        let share = generator.nextUniform()
        var range = 0..<cumulative.count - 1
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                cumulative[middle] <= share
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return Int32(range.lowerBound)
    }

    private func logProbability(of item: Int32) -> Float {
        let index = Int(item)
        return Float(log(cumulative[index] - (index > 0 ? cumulative[index - 1] : 0)))
    }
}

extension SplitMix64 {
    /// Uniform in 0..<count, with a bias below count / 2⁵³.
    fileprivate mutating func next(below count: Int) -> Int {
        Int(nextUniform() * Double(count))
    }
}
