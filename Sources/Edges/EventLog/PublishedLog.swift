import Synchronization

/// What readers may see of one segment: only bytes that were synced, which never change again.
struct PublishedSegment: Sendable {
    var base: UInt64
    /// After the last durable record.
    var endOffset: UInt64
    /// After the last durable batch in the file.
    var endPosition: Int
    /// Append time of the last durable batch; of an empty segment, of the one before it.
    var lastMilliseconds: Int64
    var index: SparseIndex

    var name: String { SegmentHeader.fileName(base: base) }
}

/// The durable part of the log, as the writer last published it, and those who wait for more.
///
/// One lock for both, so that nobody starts to wait in the moment of a commit and misses it.
final class PublishedLog: Sendable {
    private struct Waiter {
        var offset: UInt64
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var segments: [PublishedSegment]
        var endOffset: UInt64
        var isEnded = false
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
        /// Waiters whose timeout or cancellation came before they were entered.
        var forsaken: Set<UInt64> = []
    }

    private let state: Mutex<State>

    init(_ segments: [PublishedSegment], endOffset: UInt64) {
        state = Mutex(State(segments: segments, endOffset: endOffset))
    }

    var endOffset: UInt64 { state.withLock { $0.endOffset } }
    var segmentCount: Int { state.withLock { $0.segments.count } }
    var waiterCount: Int { state.withLock { $0.waiters.count } }
    var byteCount: UInt64 {
        state.withLock { $0.segments.reduce(0) { $0 + UInt64($1.endPosition) } }
    }

    /// The segment that holds a durable record; nil past the end.
    func segment(containing offset: UInt64) -> PublishedSegment? {
        state.withLock { state in
            guard offset < state.endOffset else { return nil }
            let after = state.segments.partitionIndex { $0.base > offset }
            return after == 0 ? nil : state.segments[after - 1]
        }
    }

    /// The first segment that has a batch appended at or after the instant.
    func segment(reaching milliseconds: Int64) -> PublishedSegment? {
        state.withLock { state in
            let index = state.segments.partitionIndex { $0.lastMilliseconds >= milliseconds }
            guard index < state.segments.count else { return nil }
            let segment = state.segments[index]
            return segment.endOffset > segment.base ? segment : nil
        }
    }

    /// Adds an empty segment, into which the next commits go; it takes the place of an empty one.
    func begin(_ segment: PublishedSegment) {
        state.withLock { state in
            if state.segments.last?.base == segment.base { state.segments.removeLast() }
            state.segments.append(segment)
        }
    }

    /// Makes a commit visible and wakes who waited for it.
    func commit(endOffset: UInt64, endPosition: Int, lastMilliseconds: Int64) {
        let woken = state.withLock { state in
            if let last = state.segments.indices.last {
                state.segments[last].endOffset = endOffset
                state.segments[last].endPosition = endPosition
                state.segments[last].lastMilliseconds = lastMilliseconds
            }
            state.endOffset = endOffset
            let ready = state.waiters.filter { $0.value.offset < endOffset }
            for id in ready.keys { state.waiters[id] = nil }
            return Array(ready.values)
        }
        for waiter in woken { waiter.continuation.resume(returning: true) }
    }

    /// No commit will follow: wakes everyone, and lets nobody wait again.
    func end() {
        let woken = state.withLock { state in
            state.isEnded = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in woken { waiter.continuation.resume(returning: false) }
    }

    /// Suspends until the record at `offset` is durable: true. False after `timeout`, when the
    /// task is cancelled, and when the log ends. Holds no thread meanwhile.
    func wait(for offset: UInt64, timeout: Duration) async -> Bool {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let isThere = await wait(as: id, for: offset, timeout: timeout)
        state.withLock { _ = $0.forsaken.remove(id) }  // the timer is over: it cannot come back
        return isThere
    }

    private func wait(as id: UInt64, for offset: UInt64, timeout: Duration) async -> Bool {
        async let _ = forsake(id, after: timeout)
        let isThere = await withTaskCancellationHandler {
            await withCheckedContinuation { enter(id, Waiter(offset: offset, continuation: $0)) }
        } onCancel: {
            forsake(id)
        }
        return isThere
    }

    private func enter(_ id: UInt64, _ waiter: Waiter) {
        let answer: Bool? = state.withLock { state in
            if waiter.offset < state.endOffset { return true }
            if state.isEnded || state.forsaken.remove(id) != nil { return false }
            state.waiters[id] = waiter
            return nil
        }
        if let answer { waiter.continuation.resume(returning: answer) }
    }

    private func forsake(_ id: UInt64, after timeout: Duration) async {
        do {
            try await Task.sleep(for: timeout)
            forsake(id)
        } catch {
            return  // woken first: nothing to give up
        }
    }

    private func forsake(_ id: UInt64) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: id)
            if waiter == nil { state.forsaken.insert(id) }
            return waiter
        }
        waiter?.continuation.resume(returning: false)
    }
}

extension Array {
    /// The first index whose element satisfies a predicate that is false, then true, along the
    /// array; `count` if none does.
    func partitionIndex(_ predicate: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
