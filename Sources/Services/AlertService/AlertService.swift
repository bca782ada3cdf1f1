package import Alerts
package import Events
internal import LogFollowing
package import Logging
internal import Messages
package import RPC
internal import Synchronization
package import Workers

/// Watches all users of the log, and answers those who wait for alerts.
///
/// Its state is what the log says: a restart reads it anew, and alerts of the past with it.
package final class AlertService: Sendable {
    private static let longestWait = Duration.seconds(10)
    /// What a long poll leaves of the caller's time.
    private static let replyTime = Duration.milliseconds(100)
    private static let readWait = Duration.seconds(2)
    private static let pause = Duration.milliseconds(500)
    /// Between two looks whether an alert came: alerts are minutes late at least, by their nature.
    private static let lookInterval = Duration.milliseconds(100)
    /// How often missed routines are looked for while no event comes, and the habits of all are
    /// learned anew, where so many events came.
    private static let dueInterval = Duration.seconds(60)
    private static let relearnInterval = Duration.seconds(24 * 3_600)
    private static let largestLimit = 1_000

    private let ingest: RPCClient
    private let settings: AlertSettings
    private let background: WorkerPool
    private let logger: Logger
    private let now: @Sendable () -> Instant
    private let board = Mutex(AlertBoard())
    private let watched: Mutex<WatchedLog>
    private let epoch: Int64

    /// - Parameters:
    ///   - settings: how many false alarms are borne.
    ///   - background: learns and watches.
    package init(
        ingest: RPCClient,
        settings: AlertSettings,
        background: WorkerPool,
        logger: Logger,
        now: @escaping @Sendable () -> Instant
    ) {
        self.ingest = ingest
        self.settings = settings
        self.background = background
        self.logger = logger
        self.now = now
        watched = Mutex(WatchedLog(settings: settings))
        epoch = now().millisecondsSinceEpoch
    }

    /// Follows the log until cancelled. Ingest being away is no error.
    package func run() async {
        while !Task.isCancelled {
            do {
                try await learnAndFollow()
            } catch {
                if Task.isCancelled { break }
                logger.warning("alerts wait for the log", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Learns everyone's habits from the log as it is, then watches what comes, for a day.
    private func learnAndFollow() async throws {
        var follower = LogFollower(ingest)
        var past = EventsOfUsers()
        try await follower.readToEnd { past.apply($0) }
        let (moment, histories) = (now(), past)
        try await background.run { [self] in
            publish(watched.withLock { $0.learn(histories, at: moment) })
        }
        let learned = ContinuousClock.now
        var looked = learned
        while !Task.isCancelled, .now - learned < Self.relearnInterval {
            let part = try await follower.next(wait: Self.readWait)
            let isDue = ContinuousClock.now - looked >= Self.dueInterval
            guard !part.changes.isEmpty || isDue else { continue }
            if isDue { looked = .now }
            let moment = now()
            try await background.run { [self] in
                publish(watched.withLock { $0.watch(part.changes, until: isDue ? moment : nil) })
            }
        }
    }

    private func publish(_ outcome: WatchedLog.Outcome) {
        board.withLock { board in
            board.add(outcome.alerts)
            for user in outcome.forgotten { board.remove(user: user) }
            board.userMonths = outcome.userMonths ?? board.userMonths
        }
    }

    /// Adds `Query.WatchAlerts`.
    package func register(on router: inout Router) {
        router.register(Methods.queryWatchAlerts, admission: .longPoll) { [self] wire, context in
            guard wire.limit <= Self.largestLimit else {
                throw RPCError(
                    .invalidArgument,
                    "\(wire.limit) alerts asked for at once",
                    field: "limit",
                    remedy: "ask for at most \(Self.largestLimit)"
                )
            }
            let wait = min(
                .milliseconds(Int64(wire.waitMs)),
                Self.longestWait,
                context.timeLeft - Self.replyTime
            )
            let end = ContinuousClock.now + wait
            while true {
                let reply = answer(wire)
                guard reply.alerts.isEmpty, .now < end else { return reply }
                try await Task.sleep(for: Self.lookInterval)
            }
        }
    }

    private func answer(_ wire: Wire.WatchAlertsRequest) -> Wire.WatchAlertsReply {
        let after = wire.epochMs == epoch || wire.epochMs == 0 ? wire.afterSequence : 0
        let limit = wire.limit == 0 ? 100 : Int(wire.limit)
        return board.withLock { board in
            let alerts = board.alerts.lazy.filter {
                $0.sequence > after && (wire.user.isEmpty || $0.user == wire.user)
            }.prefix(limit)
            let shown = Array(alerts)
            // Where the limit cut, the next call goes on from there.
            let last = shown.count == limit ? shown.last?.sequence : nil
            return Wire.WatchAlertsReply(
                alerts: shown,
                lastSequence: last ?? max(after, board.lastSequence),
                epochMs: epoch,
                falseAlarmsPerUserMonth: settings.falseAlarmsPerUserMonth,
                calibrationUserMonths: board.userMonths
            )
        }
    }
}

/// The alerts that can be asked for, the newest of them.
private struct AlertBoard {
    /// An operator reads hundreds; a restart gives the rest back.
    private static let limit = 10_000
    private(set) var alerts: [Wire.UserAlert] = []
    private(set) var lastSequence: UInt64 = 0
    var userMonths = 0.0

    mutating func add(_ new: [Wire.UserAlert]) {
        for var alert in new {
            lastSequence += 1
            alert.sequence = lastSequence
            alerts.append(alert)
        }
        if alerts.count > Self.limit { alerts.removeFirst(alerts.count - Self.limit) }
    }

    mutating func remove(user: String) { alerts.removeAll { $0.user == user } }
}
