import Foundation

/// Where a batch went.
package struct AppendReceipt: Hashable, Sendable {
    /// The offset of the batch's first record; the others follow without a gap.
    package var firstOffset: UInt64
    package var count: Int
    /// The append time of the whole batch, milliseconds since 1970.
    package var appendedMilliseconds: Int64
}

/// One batch on its way to the disk.
struct PendingAppend: Sendable {
    var encoded: [UInt8]
    var count: Int
    var producer: ProducerMark?
    var continuation: CheckedContinuation<Result<AppendReceipt, EventLogError>, Never>
}

/// Batches from many tasks to the one writer thread.
final class AppendQueue: @unchecked Sendable {  // all `var` are guarded by `condition`
    private let options: EventLogOptions
    private let condition = NSCondition()
    private var pending: [PendingAppend] = []
    private var pendingBytes = 0
    private var refusal: EventLogError?
    private var lastGroupCount = 0

    init(options: EventLogOptions) {
        self.options = options
    }

    /// Hands a batch over; whoever cannot be served is answered here at once.
    func submit(_ append: PendingAppend) {
        condition.lock()
        let refused = refusal ?? overflow(append)
        if refused == nil {
            pending.append(append)
            pendingBytes += append.encoded.count
            condition.signal()
        }
        condition.unlock()
        if let refused { append.continuation.resume(returning: .failure(refused)) }
    }

    private func overflow(_ append: PendingAppend) -> EventLogError? {
        guard !pending.isEmpty, pendingBytes + append.encoded.count > options.maxQueuedBytes
        else { return nil }
        return EventLogError(
            .queueFull,
            path: "",
            problem: "\(pendingBytes) bytes wait for the disk",
            remedy: "retry later"
        )
    }

    /// Why every later batch is refused; nil while batches are taken.
    var ending: EventLogError? {
        condition.lock()
        defer { condition.unlock() }
        return refusal
    }

    /// Refuses every later batch with `error`. Those already queued are still taken.
    func refuse(with error: EventLogError) {
        condition.lock()
        refusal = refusal ?? error
        condition.broadcast()
        condition.unlock()
    }

    /// Blocks the writer thread until there is work; nil once the queue refuses and is empty.
    func takeGroup() -> [PendingAppend]? {
        condition.lock()
        defer { condition.unlock() }
        while pending.isEmpty {
            if refusal != nil { return nil }
            condition.wait()
        }
        linger()
        var count = 0
        var bytes = 0
        while count < pending.count, bytes < options.groupBytes {
            bytes += pending[count].encoded.count
            count += 1
        }
        let group = Array(pending[..<count])
        pending.removeFirst(count)
        pendingBytes -= bytes
        lastGroupCount = count
        return group
    }

    /// Waits a little for company, by the rule in the options. Polls, because a timed wait on a
    /// condition follows the wall clock, and that may be set back.
    private func linger() {
        let wanted: Int
        switch options.groupWaiting {
        case .never: return
        case .adaptive: wanted = lastGroupCount
        case .always: wanted = Int.max
        }
        guard pending.count < wanted else { return }
        let end = ContinuousClock.now + options.groupDelay
        while pending.count < wanted, pendingBytes < options.groupBytes, refusal == nil,
            ContinuousClock.now < end
        {
            condition.unlock()
            usleep(AppendQueue.pollMicroseconds)
            condition.lock()
        }
    }

    /// About a quarter of a fast sync.
    private static let pollMicroseconds: UInt32 = 50
}
