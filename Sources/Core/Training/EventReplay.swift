package import Events
package import Models

/// The state of the world as events pass by: statistics over all users, and each user's history.
///
/// A value: a copy is a snapshot that shares its columns.
package struct EventReplay: Sendable {
    package private(set) var statistics: LiveStatistics
    /// By user index.
    package private(set) var histories: [UserHistory]
    /// Rows before this one have been recorded.
    package private(set) var position = 0

    package init(catalogue: CatalogueIndex, userCount: Int) {
        statistics = LiveStatistics(catalogue: catalogue)
        histories = Array(repeating: UserHistory(), count: userCount)
    }

    package mutating func record(_ row: EventRow) {
        let entry = UserHistory.Entry(row)
        let user = Int(row.user)
        statistics.record(entry, after: histories[user].last)
        histories[user].record(entry)
    }

    /// Records all rows before `instant` that have not been; `rows` ascend by instant.
    package mutating func advance(to instant: Instant, in rows: [EventRow]) {
        while position < rows.count, rows[position].instant < instant {
            record(rows[position])
            position += 1
        }
    }

    /// Records the rows before `end` that have not been.
    package mutating func advance(toPosition end: Int, in rows: [EventRow]) {
        while position < end {
            record(rows[position])
            position += 1
        }
    }

    package mutating func advanceToEnd(of rows: [EventRow]) {
        advance(toPosition: rows.count, in: rows)
    }

    /// What is asked right before `row` happens.
    package func question(before row: EventRow, isTimeGiven: Bool) -> Question {
        Question(
            history: histories[Int(row.user)],
            instant: isTimeGiven ? row.instant : nil,
            utcOffsetMinutes: isTimeGiven ? Int(row.utcOffsetMinutes) : 0
        )
    }
}

extension UserHistory.Entry {
    package init(_ row: EventRow) {
        self.init(
            item: row.item,
            action: row.action,
            utcOffsetMinutes: row.utcOffsetMinutes,
            instant: row.instant,
            value: row.value
        )
    }
}
