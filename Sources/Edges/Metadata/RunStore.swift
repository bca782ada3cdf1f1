internal import Foundation
internal import GRDB

/// The training runs of one tenant, in SQLite: small, mutable, queried by people.
///
/// Calls wait for SQLite's own thread and block no other.
package final class RunStore: Sendable {
    private let database: DatabaseQueue
    /// Runs that were not over when the file was opened, oldest first: those still running then
    /// were under way when their process died.
    package let unfinished: [RunRecord]

    /// Opens or makes the file.
    package init(path: String) throws(MetadataError) {
        do {
            database = try DatabaseQueue(path: path)
            try Self.migrator.migrate(database)
            unfinished = try database.read { database in
                try GRDB.Row.fetchAll(
                    database,
                    sql: "SELECT * FROM run WHERE state IN ('queued', 'running') ORDER BY id"
                ).map(Self.decode)
            }
        } catch {
            throw MetadataError(error, path: path)
        }
    }

    /// Keeps a new run; returns it with its id.
    package func insert(_ run: RunRecord) async throws(MetadataError) -> RunRecord {
        try await perform { database in
            let row = try Row(run)
            try database.execute(
                sql: "INSERT INTO run (state, revision, error, remedy, detail) VALUES (?,?,?,?,?)",
                arguments: [row.state, row.revision, row.error, row.remedy, row.detail]
            )
            var inserted = run
            inserted.id = database.lastInsertedRowID
            return inserted
        }
    }

    package func update(_ run: RunRecord) async throws(MetadataError) {
        try await perform { try Self.update(run, in: $0) }
    }

    /// The same on a thread that may block: a run keeps what it found before it goes on.
    package func updateBlocking(_ run: RunRecord) throws(MetadataError) {
        do {
            try database.write { try Self.update(run, in: $0) }
        } catch {
            throw MetadataError(error, path: database.path)
        }
    }

    private static func update(_ run: RunRecord, in database: Database) throws {
        let row = try Row(run)
        try database.execute(
            sql: """
                UPDATE run SET state = ?, revision = ?, error = ?, remedy = ?, detail = ?
                WHERE id = ?
                """,
            arguments: [row.state, row.revision, row.error, row.remedy, row.detail, run.id]
        )
    }

    /// The run of this id; nil where there is none.
    package func run(_ id: Int64) async throws(MetadataError) -> RunRecord? {
        try await perform { database in
            try GRDB.Row.fetchOne(
                database,
                sql: "SELECT * FROM run WHERE id = ?",
                arguments: [id]
            ).map(Self.decode)
        }
    }

    /// The newest `limit` runs, newest first.
    package func runs(limit: Int) async throws(MetadataError) -> [RunRecord] {
        try await perform { database in
            try GRDB.Row.fetchAll(
                database,
                sql: "SELECT * FROM run ORDER BY id DESC LIMIT ?",
                arguments: [limit]
            ).map(Self.decode)
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("runs") { database in
            try database.execute(
                sql: """
                    CREATE TABLE run (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        state TEXT NOT NULL,
                        revision INTEGER NOT NULL,
                        error TEXT NOT NULL,
                        remedy TEXT NOT NULL,
                        detail BLOB NOT NULL -- the rest of the record, as JSON
                    )
                    """
            )
        }
        return migrator
    }

    /// What is queried by SQL has columns; the rest is one JSON value.
    private struct Row {
        var state: String
        var revision: Int64
        var error: String
        var remedy: String
        var detail: Data

        init(_ run: RunRecord) throws {
            state = run.state.rawValue
            revision = run.revision
            error = run.error
            remedy = run.remedy
            detail = try JSONEncoder().encode(run)
        }
    }

    private static func decode(_ row: GRDB.Row) throws -> RunRecord {
        var run = try JSONDecoder().decode(RunRecord.self, from: row["detail"] as Data)
        run.id = row["id"]
        run.state = RunRecord.State(rawValue: row["state"]) ?? .failed
        run.revision = row["revision"]
        run.error = row["error"]
        run.remedy = row["remedy"]
        return run
    }

    private func perform<Value: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> Value
    ) async throws(MetadataError) -> Value {
        // Not GRDB's own async calls: they fail in a cancelled task, and how a run ended that was
        // stopped is to be kept all the same.
        let result = await withCheckedContinuation { continuation in
            database.asyncWrite(work) { _, result in continuation.resume(returning: result) }
        }
        return try result.mapError { MetadataError($0, path: database.path) }.get()
    }
}
