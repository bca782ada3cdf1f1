package import Events
package import Models
package import Workers

/// Instances of the protocol `activity`: will this user act within this hour of this week?
///
/// The events are cut by time. After the cut, week after week, each user with an event before the
/// week is asked for all 168 hours of it; the answer is whether the user acts in that hour. The
/// history holds every event before the week and none of it.
package struct ActivityTask: Sendable {
    /// The last share of the period is the test part, the same share before it validation.
    package static let heldOutShare = 0.1

    /// One user before one week.
    package struct Instance: Sendable {
        package var user: Int32
        package var weekStart: Instant
        package var history: UserHistory
        /// Shape [168]: hours of the week with an event.
        package var acted: [Bool]
    }

    package let part: EvaluationPart
    /// Events before the cut: what may be learned from.
    package let train: EventTable
    package let cut: Instant
    /// Week after week, users ascending in each.
    package let instances: [Instance]

    package init(_ table: EventTable, part: EvaluationPart) throws(EvaluationError) {
        guard let first = table.rows.first?.instant, let last = table.rows.last?.instant else {
            throw Self.tooShort("no events")
        }
        let span = last.seconds(since: first)
        let week = Double(LocalTime.secondsPerWeek)
        let length = max(1, (span * Self.heldOutShare / week).rounded(.down))
        guard span > (part == .test ? 1 : 2) * length * week * 1.5 else {
            throw Self.tooShort("the events span \(Int(span / 86_400)) days")
        }
        let end = Self.moved(last, bySeconds: part == .test ? 1 : -length * week)
        let cut = Self.moved(end, bySeconds: -length * week)
        self.part = part
        self.cut = cut
        var train = table
        train.rows = Array(table.rows.prefix { $0.instant < cut })
        self.train = train
        var histories = [UserHistory](repeating: UserHistory(), count: table.users.count)
        var position = 0
        var instances: [Instance] = []
        for index in 0..<Int(length) {
            let start = Self.moved(cut, bySeconds: Double(index) * week)
            let next = Self.moved(start, bySeconds: week)
            while position < table.rows.count, table.rows[position].instant < start {
                histories[Int(table.rows[position].user)].record(Self.entry(table.rows[position]))
                position += 1
            }
            var acted: [Int32: [Bool]] = [:]
            for row in table.rows[position...].prefix(while: { $0.instant < next }) {
                let hour = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes))
                acted[row.user, default: Self.idle][hour.hourOfWeek] = true
            }
            for user in histories.indices where !histories[user].isEmpty {
                instances.append(
                    Instance(
                        user: Int32(user),
                        weekStart: start,
                        history: histories[user],
                        acted: acted[Int32(user)] ?? Self.idle
                    )
                )
            }
        }
        self.instances = instances
    }

    private static func entry(_ row: EventRow) -> UserHistory.Entry {
        UserHistory.Entry(
            item: row.item,
            action: row.action,
            utcOffsetMinutes: row.utcOffsetMinutes,
            instant: row.instant,
            value: row.value
        )
    }

    private static let idle = [Bool](repeating: false, count: TimeSlot.count)

    /// Of `forecast`, which gives each instance its 168 probabilities.
    package func scores(
        on pool: WorkerPool,
        of forecast: @Sendable (Instance) -> [Float]
    ) -> ForecastScores {
        let blockSize = 64
        let blockCount = (instances.count + blockSize - 1) / blockSize
        let forecasts = pool.mapBlocks(blockCount) { block in
            instances[block * blockSize..<min(instances.count, (block + 1) * blockSize)]
                .flatMap(forecast)
        }.flatMap(\.self)
        return ForecastScores(forecasts, outcomes: instances.flatMap(\.acted))
    }

    /// Everybody's history before the cut, for baselines' counts.
    package var trainingHistories: [UserHistory] {
        let start = instances.first?.weekStart
        return instances.prefix { $0.weekStart == start }.map(\.history)
    }

    private static func moved(_ instant: Instant, bySeconds seconds: Double) -> Instant {
        Instant(millisecondsSinceEpoch: instant.millisecondsSinceEpoch + Int64(seconds * 1000))
    }

    private static func tooShort(_ problem: String) -> EvaluationError {
        EvaluationError(
            code: .unsuitableData,
            place: "events",
            problem: problem,
            remedy: "give events of at least a month, so that whole weeks can be held out"
        )
    }
}
