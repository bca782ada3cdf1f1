package import Events
internal import Models

/// Instances of the protocol `topn-time`: ratings cut at one instant for everybody.
///
/// Training is what comes before the rating at 80 % of all in time; relevant are ratings of 4 and
/// more after it, at whatever item; training items are masked. Users with ratings in training are
/// `warm`, the others `cold`.
package struct TimeSplit: Sendable {
    package static let name = "topn-time"
    /// Of the ratings, in time order.
    package static let trainShare = 0.8
    package static let relevantRating: Float = 4

    package let task: ListTask

    /// - Parameters:
    ///   - ratings: all of them; the value of a row is its rating.
    ///   - part: the validation part is this same cut of the training part.
    package init(_ ratings: EventTable, part: EvaluationPart) {
        let (train, test) = Self.cut(ratings.rows)
        let (early, late) = part == .test ? (train, test) : Self.cut(train)
        let (table, newIndex) = ratings.restricted(to: early)
        let histories = table.histories
        let seen = table.items()
        var relevant = [Set<Int32>](repeating: [], count: table.users.count)
        for row in late where row.value >= Self.relevantRating {
            relevant[Int(row.user)].insert(row.item)
        }
        task = ListTask(
            name: Self.name,
            part: part,
            train: table,
            instances: relevant.indices.filter { !relevant[$0].isEmpty }.map { user in
                ListInstance(
                    user: Int32(user),
                    history: histories[user],
                    masked: seen[user],
                    relevant: relevant[user].map { newIndex[Int($0)] }.filter { $0 >= 0 }.sorted(),
                    relevantCount: relevant[user].count,
                    group: histories[user].isEmpty ? "cold" : "warm"
                )
            },
            cutoffs: [10, 20],
            headline: ["recall@20", "ndcg@20", "precision@20", "map@20", "coverage@20"],
            hasTimes: true
        )
    }

    package var baselines: [ListTask.Baseline] {
        [.popularity(Popularity(task.train).counts), .oneHop(task.train)]
    }

    /// Rows before and from the instant of the row at the share: an instant is on one side.
    private static func cut(_ rows: [EventRow]) -> (before: [EventRow], after: [EventRow]) {
        let position = Int(Double(rows.count) * trainShare)
        guard position < rows.count else { return (rows, []) }
        let instant = rows[position].instant
        return (rows.filter { $0.instant < instant }, rows.filter { $0.instant >= instant })
    }
}
