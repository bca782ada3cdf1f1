internal import GRDB
package import Privacy

/// What differentially private releases have spent, in SQLite: a line a debit, none ever changed.
///
/// Several processes may have one file open: a debit is one immediate transaction.
package final class BudgetLedger: Sendable {
    package struct Period: Hashable, Sendable {
        package var name: String
        package var spent: PrivacyCost
        /// Debits.
        package var releaseCount: Int
    }

    private static let lockWaitSeconds = 10.0

    private let database: DatabaseQueue

    /// Opens or makes the file.
    package init(path: String) throws(BudgetError) {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.lockWaitSeconds)
        configuration.prepareDatabase { database in
            // EXTRA also syncs the folder once the journal is gone: with FULL alone a power cut may
            // bring the journal back, and with it take back a debit whose release is out.
            try database.execute(sql: "PRAGMA journal_mode = DELETE")
            try database.execute(sql: "PRAGMA synchronous = EXTRA")
        }
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.inTransaction(.immediate) { database in
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS debit (
                            id INTEGER PRIMARY KEY,
                            data_set TEXT NOT NULL,
                            period TEXT NOT NULL,
                            epsilon_millionths INTEGER NOT NULL CHECK (epsilon_millionths >= 0),
                            delta_trillionths INTEGER NOT NULL CHECK (delta_trillionths >= 0),
                            made_ms INTEGER NOT NULL,
                            purpose TEXT NOT NULL
                        );
                        CREATE INDEX IF NOT EXISTS debit_account ON debit (data_set, period);
                        """
                )
                return .commit
            }
        } catch {
            throw BudgetError(MetadataError(error, path: path))
        }
    }

    /// Debits every period with the whole cost, or none; returns once the debit is synced to disk.
    ///
    /// Only then may the release be made: whatever ends the process in between costs budget, and
    /// gives nothing away.
    ///
    /// - Parameters:
    ///   - limit: of each period of the data set, for good.
    ///   - now: milliseconds since 1970.
    ///   - purpose: for people.
    package func debit(
        _ cost: PrivacyCost,
        dataSet: String,
        periods: [String],
        limit: PrivacyCost,
        now: Int64,
        purpose: String
    ) async throws(BudgetError) {
        precondition(cost.epsilonMillionths > 0 && cost.deltaTrillionths >= 0, "a free release")
        let refusal = try await perform { database in
            if let refusal = try Self.refusal(cost, dataSet, periods, limit, database) {
                return Optional(refusal)
            }
            for period in periods {
                try database.execute(
                    sql: """
                        INSERT INTO debit
                            (data_set, period, epsilon_millionths, delta_trillionths, made_ms, purpose)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        dataSet, period, cost.epsilonMillionths, cost.deltaTrillionths, now,
                        purpose,
                    ]
                )
            }
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Throws what `debit` would throw now, without a debit.
    package func check(
        _ cost: PrivacyCost,
        dataSet: String,
        periods: [String],
        limit: PrivacyCost
    ) async throws(BudgetError) {
        let refusal = try await perform { database in
            try Self.refusal(cost, dataSet, periods, limit, database)
        }
        if let refusal { throw refusal }
    }

    /// All periods of a data set that anything was spent of, in order.
    package func periods(of dataSet: String) async throws(BudgetError) -> [Period] {
        try await perform { database in
            try GRDB.Row.fetchAll(
                database,
                sql: """
                    SELECT period, SUM(epsilon_millionths) AS epsilon,
                        SUM(delta_trillionths) AS delta, COUNT(*) AS releases
                    FROM debit WHERE data_set = ? GROUP BY period ORDER BY period
                    """,
                arguments: [dataSet]
            ).map { row in
                Period(
                    name: row["period"],
                    spent: PrivacyCost(
                        epsilonMillionths: row["epsilon"],
                        deltaTrillionths: row["delta"]
                    ),
                    releaseCount: row["releases"]
                )
            }
        }
    }

    private static func refusal(
        _ cost: PrivacyCost,
        _ dataSet: String,
        _ periods: [String],
        _ limit: PrivacyCost,
        _ database: Database
    ) throws -> BudgetError? {
        for period in periods {
            let row = try GRDB.Row.fetchOne(
                database,
                sql: """
                    SELECT COALESCE(SUM(epsilon_millionths), 0) AS epsilon,
                        COALESCE(SUM(delta_trillionths), 0) AS delta
                    FROM debit WHERE data_set = ? AND period = ?
                    """,
                arguments: [dataSet, period]
            )
            let spent = PrivacyCost(
                epsilonMillionths: row?["epsilon"] ?? 0,
                deltaTrillionths: row?["delta"] ?? 0
            )
            guard (spent + cost).fits(in: limit) else {
                return BudgetError(
                    dataSet: dataSet,
                    period: period,
                    cost: text(cost),
                    left: text(
                        PrivacyCost(
                            epsilonMillionths: max(
                                0,
                                limit.epsilonMillionths - spent.epsilonMillionths
                            ),
                            deltaTrillionths: max(
                                0,
                                limit.deltaTrillionths - spent.deltaTrillionths
                            )
                        )
                    )
                )
            }
        }
        return nil
    }

    private static func text(_ cost: PrivacyCost) -> String {
        "epsilon \(cost.epsilon) and delta \(cost.delta)"
    }

    private func perform<Value: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> Value
    ) async throws(BudgetError) -> Value {
        let result = await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { database in
                let result = Result {
                    var value: Value?
                    try database.inTransaction(.immediate) {
                        value = try work(database)
                        return .commit
                    }
                    guard let value else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
                    return value
                }
                continuation.resume(returning: result)
            }
        }
        return try result.mapError { BudgetError(MetadataError($0, path: database.path)) }.get()
    }
}
