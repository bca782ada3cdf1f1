internal import Cleaning
internal import Events
internal import Messages
internal import Metadata
package import Privacy
package import RPC
internal import Synchronization
package import Workers

/// Counts of the log that may leave the house, and the ledger that pays for those with noise.
package final class ReleaseService: Sendable {
    /// The name that the log goes by in the ledger.
    static let dataSet = "log"
    /// Each reads the whole log.
    static let releasesAtOnce = 2

    private let ledger: BudgetLedger
    private let limit: PrivacyCost
    private let ingest: RPCClient
    private let background: WorkerPool
    private let now: @Sendable () -> Int64
    private let underWay = Mutex(0)

    /// - Parameters:
    ///   - ledgerPath: the SQLite file of the budget.
    ///   - limit: what each month of events has, for good.
    ///   - now: milliseconds since 1970.
    package init(
        ledgerPath: String,
        limit: PrivacyCost,
        ingest: RPCClient,
        background: WorkerPool,
        now: @escaping @Sendable () -> Int64
    ) throws {
        ledger = try BudgetLedger(path: ledgerPath)
        self.limit = limit
        self.ingest = ingest
        self.background = background
        self.now = now
    }

    /// Adds the methods of `chronotope.v1.Releases`.
    package func register(on router: inout Router) {
        router.register(Methods.releasesCounts) { [self] wire, _ in try await counts(wire) }
        router.register(Methods.releasesBudget) { [self] _, _ in
            let periods = try await answering { () throws(BudgetError) in
                try await ledger.periods(of: Self.dataSet)
            }
            return Wire.PrivacyBudgetReply(
                epsilonLimit: limit.epsilon,
                deltaLimit: limit.delta,
                periods: periods.map(Wire.PrivacyPeriod.init)
            )
        }
    }

    private func counts(_ wire: Wire.ReleaseCountsRequest) async throws -> Wire.ReleaseCountsReply {
        let request = try ReleaseRequest(checking: wire)
        let months = request.window?.months ?? []
        if let noise = request.settings.noise {
            // What cannot be paid is refused before the log is read.
            try await answering { () throws(BudgetError) in
                try await ledger.check(
                    noise.cost,
                    dataSet: Self.dataSet,
                    periods: months,
                    limit: limit
                )
            }
        }
        try begin()
        defer { underWay.withLock { $0 -= 1 } }
        let log = try await ReleasableLog(reading: ingest)
        let table = try await onBackground { Cleaner.clean(log.events, items: log.items).table }
        var periods: [BudgetLedger.Period] = []
        if let noise = request.settings.noise {
            // Synced before a single number is drawn.
            periods = try await answering { () throws(BudgetError) in
                try await ledger.debit(
                    noise.cost,
                    dataSet: Self.dataSet,
                    periods: months,
                    limit: limit,
                    now: now(),
                    purpose: "Releases/Counts"
                )
                return try await ledger.periods(of: Self.dataSet)
            }
        }
        let released = try await onBackground {
            var system = SystemRandomNumberGenerator()
            return try ReleaseTable(
                table,
                window: request.window?.instants,
                settings: request.settings,
                using: &system
            )
        }
        let paid = Set(months)
        return Wire.ReleaseCountsReply(
            released,
            periods: periods.filter { paid.contains($0.name) }.map(Wire.PrivacyPeriod.init)
        )
    }

    private func begin() throws(RPCError) {
        let isFree = underWay.withLock { count in
            if count < Self.releasesAtOnce { count += 1; return true }
            return false
        }
        guard isFree else {
            throw RPCError(
                .resourceExhausted,
                "\(Self.releasesAtOnce) releases are under way",
                remedy: "retry in a moment",
                retryAfter: .seconds(1)
            )
        }
    }

    private func onBackground<Output: Sendable>(
        _ work: @escaping @Sendable () throws -> Output
    ) async throws -> Output {
        do {
            return try await background.run(work)
        } catch let error as WorkerPoolError {
            throw RPCError(
                .resourceExhausted,
                "background work: \(error.problem)",
                remedy: error.remedy,
                retryAfter: .seconds(1)
            )
        }
    }

    private func answering<Output>(
        _ work: () async throws(BudgetError) -> Output
    ) async throws(RPCError) -> Output {
        do throws(BudgetError) {
            return try await work()
        } catch {
            throw RPCError(error)
        }
    }
}

extension RPCError {
    /// What a caller should do about a release that was not paid for.
    init(_ error: BudgetError) {
        let code: StatusCode =
            switch error.code {
            // Not RESOURCE_EXHAUSTED: to try again later, as that says, would never help.
            case .exhausted: .failedPrecondition
            case .locked, .io: .unavailable
            case .outOfSpace: .resourceExhausted
            case .corrupt: .dataLoss
            }
        // The path of the file is no business of callers.
        let place = error.code == .exhausted ? error.place : "the ledger"
        self.init(
            code,
            "\(place): \(error.problem)",
            field: error.code == .exhausted ? "noise" : "",
            remedy: error.remedy
        )
    }
}
