package import Events
internal import Glibc
package import Models

/// Any recommender as a model of behaviour: the softmax of its scores.
package struct RecommenderBehaviour: BehaviourModel {
    private let model: any RecommenderModel
    private let statistics: LiveStatistics
    private let histories: [UserHistory]
    private let offsets: [Int16]
    /// Monday 00:00 UTC of the week after the last event.
    private let start: Instant

    /// - Parameters:
    ///   - model: trained on `table`, whose items it ranks in the table's order.
    ///   - table: what its users did.
    /// - Throws: `badInput` where the model ranks other items.
    package init(
        _ model: any RecommenderModel,
        table: EventTable
    ) throws(PatternError) {
        guard model.catalogue.items == table.catalogue.items else {
            throw PatternError(
                code: .badInput,
                place: "model",
                problem: "it ranks \(model.catalogue.items.count) items, the table has "
                    + "\(table.catalogue.items.count) others",
                remedy: "give the table that the model was trained on"
            )
        }
        self.model = model
        statistics = model.trainedStatistics
        var histories = [UserHistory](repeating: UserHistory(), count: table.users.count)
        var offsets = [Int16](repeating: 0, count: table.users.count)
        for row in table.rows {
            let action = model.actions.index(of: table.actions.ids[Int(row.action)]) ?? -1
            offsets[Int(row.user)] = row.utcOffsetMinutes
            histories[Int(row.user)].record(
                UserHistory.Entry(
                    item: row.item,
                    action: Int16(action),
                    utcOffsetMinutes: row.utcOffsetMinutes,
                    instant: row.instant,
                    value: row.value
                )
            )
        }
        self.histories = histories
        self.offsets = offsets
        let last = table.rows.last?.instant ?? Instant(millisecondsSinceEpoch: 0)
        let passed = LocalTime(last, utcOffsetMinutes: 0).secondsOfWeek
        let seconds = last.millisecondsSinceEpoch / 1_000 - passed + LocalTime.secondsPerWeek
        start = Instant(secondsSinceEpoch: seconds)
    }

    package func itemProbabilities(
        ofUser user: Int,
        at hour: LearnedHour,
        after previous: Int?
    ) -> [Float] {
        let offset = offsets[user]
        let seconds =
            start.millisecondsSinceEpoch / 1_000 + Int64(hour.hourOfWeek) * 3_600 + 1_800
            - Int64(offset) * 60
        // A western clock's Monday begins later, an eastern one's may begin before the last event.
        let wrapped = Instant(secondsSinceEpoch: seconds + LocalTime.secondsPerWeek)
        var history = histories[user]
        if let previous {
            let before =
                wrapped.millisecondsSinceEpoch / 1_000 - Int64(hour.secondsSincePrevious)
            history.record(
                UserHistory.Entry(
                    item: Int32(previous),
                    action: history.last?.action ?? 0,
                    utcOffsetMinutes: offset,
                    instant: Instant(secondsSinceEpoch: before)
                )
            )
        }
        let question = Question(
            history: history,
            instant: wrapped,
            utcOffsetMinutes: Int(offset)
        )
        return Self.softmax(model.scores(for: question, given: statistics))
    }

    private static func softmax(_ scores: [Float]) -> [Float] {
        let most = scores.max() ?? 0
        let powers = scores.map { expf($0 - most) }
        let sum = powers.reduce(0) { $0 + Double($1) }
        return powers.map { Float(Double($0) / sum) }
    }
}
