import Foundation
import Synchronization

/// A batch that the server acknowledged.
struct Ack: Hashable {
    var producer: Int
    var sequence: UInt64
    var eventCount: Int
}

/// The client's own list of what was acknowledged, on disk before the client goes on: what the log
/// is held against in the end.
final class AckLedger: Sendable {
    let path: String
    private let file: FileHandle
    private let queue = DispatchQueue(label: "soak.acks")
    private let latest = Mutex(Latest(count: 0, calledAt: nil, at: nil))

    private struct Latest {
        var count: Int
        var calledAt: ContinuousClock.Instant?
        var at: ContinuousClock.Instant?
    }

    init(path: String) throws {
        self.path = path
        try Data().write(to: URL(fileURLWithPath: path))
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    var count: Int { latest.withLock { $0.count } }

    /// When the newest acknowledgement to a call made after `moment` came in.
    func ack(after moment: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        latest.withLock { latest in
            latest.calledAt.map { $0 > moment } == true ? latest.at : nil
        }
    }

    /// Returns once the line is on disk.
    ///
    /// - Parameter calledAt: when the call began that was acknowledged.
    func append(_ ack: Ack, calledAt: ContinuousClock.Instant) async throws {
        latest.withLock { $0 = Latest(count: $0.count + 1, calledAt: calledAt, at: .now) }
        let line = Data("\(ack.producer) \(ack.sequence) \(ack.eventCount)\n".utf8)
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [file] in
                continuation.resume(
                    with: Result {
                        try file.write(contentsOf: line)
                        try file.synchronize()
                    }
                )
            }
        }
    }

    /// The list as the disk holds it.
    func read() throws -> [Ack] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return try lines.map { line in
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            guard numbers.count == 3 else {
                throw SoakFailure("\(path) has the line '\(line)'", remedy: "run the soak again")
            }
            return Ack(
                producer: Int(numbers[0]),
                sequence: numbers[1],
                eventCount: Int(numbers[2])
            )
        }
    }
}
