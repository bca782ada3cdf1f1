import ArgumentParser
import CommandLineTools
import Events
import Foundation
import ModelService
import ModelStorage
import Models

/// `chronotope bench memory`: what a user takes in a model server.
///
/// Question: how many bytes of resident memory does a user cost, with an int8 row and the state of so
/// many events? Measured on the server's own table of live users, filled in this process; every page
/// that is counted was written.
struct MemoryBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Bytes a user of live state and embedding."
    )

    @Option(help: "Users to hold.") var users = 1_000_000
    @Option(help: "Events each of them has.") var eventsPerUser = 50
    @Option(help: "Items that the events are about.") var items = 1_000_000
    @Option(help: "Columns of the int8 rows.") var dimension = 64
    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard users > 0, (1...UserHistory.capacity).contains(eventsPerUser), items > 0,
            dimension > 0
        else {
            throw ValidationError(
                "--users, --items and --dimension must be above 0, --events-per-user in 1...1000"
            )
        }
    }

    func run() async throws {
        let shards = try UserShards(key: Array(repeating: 7, count: UserShards.keyByteCount))
        let live = LiveUsers(ownedShards: Set(0..<UserShards.count), hasher: shards)
        let estimate = CapacityEstimate(
            users: users,
            items: items,
            dimension: dimension,
            eventsPerUser: eventsPerUser
        )
        let before = MemoryFigures.anonymousByteCount
        let start = ContinuousClock.now
        for user in 0..<users {
            live.restore(
                history(of: user),
                of: "user-\(user)",
                lastPlace: Place(latitudeDegrees: 40.7 + Double(user) * 1e-7, longitudeDegrees: -74)
            )
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let state = MemoryFigures.anonymousByteCount - before
        let rows = [UInt8](repeating: 1, count: users * estimate.rowByteCount)
        let all = MemoryFigures.anonymousByteCount - before
        guard live.count == users, rows.last == 1 else {
            throw ProgramFailure(
                status: .refused,
                problem: "\(live.count) users are there, not \(users)",
                remedy: "report it"
            )
        }
        try show(state: state, all: all, packed: live.byteCount, estimate, seconds)
    }

    /// Visits of a week of days, each some hours after the one before.
    private func history(of user: Int) -> UserHistory {
        var seconds: Int64 = 1_700_000_000 + Int64(user % 10_000)
        return UserHistory(
            (0..<eventsPerUser).map { event in
                let hash = BenchWorld.hash(UInt64(user) << 10 | UInt64(event))
                seconds += Int64(3_600 + hash % 200_000)
                return UserHistory.Entry(
                    item: Int32(hash >> 20 % UInt64(items)),
                    utcOffsetMinutes: -300,
                    instant: Instant(secondsSinceEpoch: seconds)
                )
            }
        )
    }

    private func show(
        state: Int,
        all: Int,
        packed: Int,
        _ estimate: CapacityEstimate,
        _ seconds: Double
    ) throws {
        let predicted = estimate.stateByteCount + users * estimate.rowByteCount
        let (measured, perUser) = (Double(all), Double(all) / Double(users))
        switch options.output {
        case .json:
            try JSONValue.object([
                "bytes_per_user": .number(perUser),
                "state_bytes_per_user": .number(Double(state) / Double(users)),
                "row_bytes_per_user": .integer(estimate.rowByteCount),
                "packed_bytes_per_user": .number(Double(packed) / Double(users)),
                "resident_bytes": .integer(all),
                "predicted_bytes": .integer(predicted),
                "predicted_ratio": .number(Double(predicted) / measured),
                "users": .integer(users), "events_per_user": .integer(eventsPerUser),
                "items": .integer(items), "dimension": .integer(dimension),
                "seconds": .number(seconds),
            ]).printLine()
        case .table:
            print(
                String(
                    format: "%.0f bytes a user (%d users of %d events); predicted %.0f",
                    perUser,
                    users,
                    eventsPerUser,
                    Double(predicted) / Double(users)
                )
            )
        }
    }
}

/// What the system says of this process's memory.
enum MemoryFigures {
    /// Resident, and backed by no file.
    static var anonymousByteCount: Int {
        let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return number.flatMap { Int($0) }.map { $0 * 1_024 } ?? 0
    }
}
