package import Foundation

/// Takes log lines from any thread without waiting, and writes them from a thread of its own.
///
/// Whoever reads our stderr may stop reading. Then lines queue, and beyond `maxByteCount` they are dropped
/// and counted: a service that stands still for its log would be worse.
package final class LogWriter: Sendable {
    /// Some 4,000 lines: seconds of a busy service.
    package static let maxByteCount = 1 << 20

    /// Unchecked: touched only with `turn` locked.
    private final class Queue: @unchecked Sendable {
        let turn = NSCondition()
        var waiting: [UInt8] = []
        var droppedCount = 0
        var isWriting = false
        var isClosed = false

        func locked<Result>(_ body: () -> Result) -> Result {
            turn.lock()
            defer { turn.unlock() }
            return body()
        }
    }

    private let queue = Queue()
    private let maxByteCount: Int
    private let onDrop: @Sendable () -> Void

    /// - Parameters:
    ///   - file: what lines go to; a failure to write loses them, as there is nowhere else to say so.
    ///   - notice: the line that says how many were dropped, written once there is room again.
    ///   - onDrop: called for each dropped line, on the thread that wrote it.
    package init(
        to file: FileHandle,
        maxByteCount: Int = LogWriter.maxByteCount,
        notice: @escaping @Sendable (Int) -> String,
        onDrop: @escaping @Sendable () -> Void
    ) {
        self.maxByteCount = maxByteCount
        self.onDrop = onDrop
        Thread.detachNewThread { [queue] in Self.write(queue, to: file, notice) }
    }

    deinit {
        queue.locked { queue.isClosed = true }
        queue.turn.broadcast()
    }

    /// Queues a line, or drops it. Never waits.
    ///
    /// - Parameter line: with its line end.
    package func write(_ line: String) {
        let isQueued = queue.locked {
            guard queue.waiting.count + line.utf8.count <= maxByteCount else {
                queue.droppedCount += 1
                return false
            }
            queue.waiting.append(contentsOf: line.utf8)
            return true
        }
        if isQueued { queue.turn.broadcast() } else { onDrop() }
    }

    /// Waits until everything queued is written: for the end of the process, since it blocks.
    ///
    /// - Returns: false where it was not within `seconds`.
    @discardableResult
    package func flush(withinSeconds seconds: Double) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        return queue.locked {
            while !queue.waiting.isEmpty || queue.droppedCount > 0 || queue.isWriting {
                guard queue.turn.wait(until: end) else { return false }
            }
            return true
        }
    }

    private static func write(
        _ queue: Queue,
        to file: FileHandle,
        _ notice: (Int) -> String
    ) {
        while let lines = next(queue, notice) {
            try? file.write(contentsOf: lines)
            queue.locked { queue.isWriting = false }
            queue.turn.broadcast()
        }
    }

    /// Waits for lines; nil at the end.
    private static func next(_ queue: Queue, _ notice: (Int) -> String) -> Data? {
        queue.locked {
            while queue.waiting.isEmpty, queue.droppedCount == 0 {
                if queue.isClosed { return nil }
                queue.turn.wait()
            }
            if queue.droppedCount > 0 {
                queue.waiting.append(contentsOf: notice(queue.droppedCount).utf8)
            }
            let lines = Data(queue.waiting)
            queue.waiting.removeAll(keepingCapacity: true)
            queue.droppedCount = 0
            queue.isWriting = true
            return lines
        }
    }
}
