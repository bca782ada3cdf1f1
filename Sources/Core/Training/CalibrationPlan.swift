internal import Events
internal import Models

/// Which events of a table the mixture is learned on, and which ones stop it early.
///
/// The table is cut by time: statistics and embeddings come from before the targets, and the
/// validation slice comes last.
struct CalibrationPlan {
    /// Everything before it is in the embeddings that targets are seen through.
    let calibrationStart: Instant
    /// Where the validation slice begins; nil where there is none.
    let validationStart: Instant?
    /// Row numbers, ascending.
    let targets: [Int]
    let validation: [Int]

    /// Fewer are not worth learning from.
    static let minTargets = 20
    private static let maxValidationTargets = 3_000
    /// Scores computed in one pass: bounds the time over large catalogues.
    private static let maxScoresPerPass = 120_000_000

    init(
        _ table: EventTable,
        settings: ChronotopeSettings,
        validationStart: Instant?
    ) throws(ModelError) {
        let rows = table.rows
        guard rows.count >= Self.minTargets, let end = rows.last?.instant else {
            throw Self.tooLittle("\(rows.count) events", needed: "\(Self.minTargets) events")
        }
        let followers = Self.thinned(
            Self.answers(
                among: Self.followers(in: rows, userCount: table.users.count),
                table,
                settings
            ),
            of: table,
            share: settings.passingShare
        )
        guard followers.count >= Self.minTargets else {
            throw Self.tooLittle(
                "\(followers.count) events that follow another of the same user",
                needed: "\(Self.minTargets) such events"
            )
        }
        let share = settings.validationShare
        let border = validationStart.map { start in rows.firstIndex { $0.instant >= start } }
        let cut =
            border.map { $0 ?? rows.count } ?? Int(Double(rows.count) * (1 - share))
        self.validationStart = cut < rows.count ? rows[cut].instant : nil
        let stop = self.validationStart ?? end
        let window = Instant(
            millisecondsSinceEpoch: stop.millisecondsSinceEpoch
                - Int64(settings.calibrationDays * 86_400_000)
        )
        // At least half of the events before the cut stay for the statistics that targets see.
        calibrationStart = max(window, rows[cut / 2].instant)
        let start = calibrationStart
        let limit = Self.targetLimit(settings, itemCount: table.catalogue.items.count)
        targets = Self.spread(
            followers.filter { $0 < cut && rows[$0].instant >= start },
            limit: limit
        )
        validation = Self.spread(
            followers.filter { $0 >= cut },
            limit: min(limit, Self.maxValidationTargets)
        )
        guard targets.count >= Self.minTargets else {
            throw Self.tooLittle(
                "\(targets.count) events to learn on after the first half of them",
                needed: "\(Self.minTargets)"
            )
        }
    }

    /// At most so many targets, for the time that a pass may take.
    static func targetLimit(_ settings: ChronotopeSettings, itemCount: Int) -> Int {
        max(minTargets, min(settings.maxTargets, maxScoresPerPass / max(1, itemCount)))
    }

    /// Those that may be asked for: of a target action, and of an item that had none of the user's
    /// before where there are no repeats.
    private static func answers(
        among followers: [Int],
        _ table: EventTable,
        _ settings: ChronotopeSettings
    ) -> [Int] {
        let behaviours = ChronotopeBehaviours(settings.targetActions, in: table.actions)
        var isRepeat = [Bool](repeating: false, count: table.rows.count)
        if !settings.hasRepeats {
            var known: Set<SIMD2<Int32>> = []
            for (index, row) in table.rows.enumerated() where behaviours.isTarget(row.action) {
                isRepeat[index] = !known.insert(SIMD2(row.user, row.item)).inserted
            }
        }
        return followers.filter { behaviours.isTarget(table.rows[$0].action) && !isRepeat[$0] }
    }

    /// Rows that follow an event of the same user within a day; if those are few, at any distance.
    private static func followers(in rows: [EventRow], userCount: Int) -> [Int] {
        var previous = [Instant?](repeating: nil, count: userCount)
        var near: [Int] = []
        var all: [Int] = []
        for (index, row) in rows.enumerated() {
            if let instant = previous[Int(row.user)] {
                all.append(index)
                if row.instant.seconds(since: instant) <= LiveStatistics.maxTransitionSeconds {
                    near.append(index)
                }
            }
            previous[Int(row.user)] = row.instant
        }
        return near.count * 4 >= all.count ? near : all
    }

    /// All that end a trajectory, and an evenly spread share of the others. All there are where
    /// too few would be left.
    private static func thinned(
        _ followers: [Int],
        of table: EventTable,
        share: Double
    ) -> [Int] {
        guard share < 1, let end = table.rows.last?.instant else { return followers }
        var next = [Instant](repeating: end, count: table.users.count)
        var isEnd = [Bool](repeating: false, count: table.rows.count)
        for (index, row) in table.rows.enumerated().reversed() {
            let gap = next[Int(row.user)].seconds(since: row.instant)
            isEnd[index] = gap > LiveStatistics.maxTransitionSeconds
            next[Int(row.user)] = row.instant
        }
        var passed = 0
        let kept = followers.filter { index in
            if isEnd[index] { return true }
            passed += 1
            return Int(Double(passed) * share) > Int(Double(passed - 1) * share)
        }
        return kept.count < minTargets ? followers : kept
    }

    /// At most `limit` of the numbers, evenly spread.
    private static func spread(_ numbers: [Int], limit: Int) -> [Int] {
        guard numbers.count > limit else { return numbers }
        return (0..<limit).map { numbers[$0 * numbers.count / limit] }
    }

    static func tooLittle(_ found: String, needed: String) -> ModelError {
        ModelError(
            code: .notEnoughData,
            place: "events",
            problem: "found \(found)",
            remedy: "train on at least \(needed)"
        )
    }
}
