import Client
import CommandLineTools
import Foundation
import SwiftProtobuf

/// Users and items of a running server, for benchmarks that need real ones.
struct ServedSample {
    private static let pageRecordCount: UInt32 = 5_000
    private static let maxUsers = 200

    private(set) var users: [String] = []
    private(set) var items: [String] = []

    /// Reads the first pages of the log.
    init(from client: ChronotopeClient) async throws {
        var request = Chronotope_V1_ReadRequest()
        request.maxRecords = Self.pageRecordCount
        var knownUsers: Set<String> = []
        var knownItems: Set<String> = []
        while users.count < Self.maxUsers {
            let page = try await client.readLog(request)
            guard !page.records.isEmpty else { break }
            for stored in page.records {
                let record = try Chronotope_V1_LogRecord(serializedBytes: stored.record)
                guard case .event(let event)? = record.kind else { continue }
                if knownUsers.insert(event.user).inserted { users.append(event.user) }
                if !event.item.isEmpty, knownItems.insert(event.item).inserted {
                    items.append(event.item)
                }
            }
            request.offset = page.nextOffset
        }
        guard !users.isEmpty, !items.isEmpty else {
            throw ProgramFailure(
                status: .refused,
                problem: "the log holds no event about an item",
                remedy: "import some, train, and measure again"
            )
        }
    }
}

/// Calls that go on in several tasks for a time, each of them waiting for its answer.
enum ClosedLoop {
    struct Outcome: Sendable {
        var milliseconds: [Double] = []
        var failureCount = 0
        /// Of the whole, waiting for the last answers included.
        var seconds = 0.0
    }

    /// - Parameter body: one call; its argument counts up from 0 over all tasks.
    static func run(
        tasks: Int,
        for duration: Duration,
        _ body: @escaping @Sendable (Int) async throws(StatusError) -> Void
    ) async -> Outcome {
        let start = ContinuousClock.now
        let end = start + duration
        var outcome = await withTaskGroup(of: Outcome.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var own = Outcome()
                    var number = task
                    while .now < end {
                        let begin = ContinuousClock.now
                        do throws(StatusError) {
                            try await body(number)
                            own.milliseconds.append(
                                (ContinuousClock.now - begin) / .milliseconds(1)
                            )
                        } catch {
                            own.failureCount += 1
                        }
                        number += tasks
                    }
                    return own
                }
            }
            return await group.reduce(into: Outcome()) { total, own in
                total.milliseconds += own.milliseconds
                total.failureCount += own.failureCount
            }
        }
        outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
        return outcome
    }
}
