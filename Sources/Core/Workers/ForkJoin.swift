import Synchronization

/// One `forEachBlock` call: the blocks still to claim, and who is working on them.
///
/// The caller's closure lives only as long as the call. A worker may hold a ticket for longer, so
/// it must enter before it touches the closure, and the caller takes the closure away only when
/// nobody is inside.
final class ForkJoin: Sendable {
    typealias Body = @Sendable (Int) -> Void
    private struct State {
        var body: Body?
        /// Helpers between `enter` and `leave`.
        var inside = 0
    }

    private let blockCount: Int
    private let threadLimit: Int
    private let nextBlock = Atomic<Int>(0)
    private let state: Monitor<State>

    /// - Parameter threadLimit: threads that may work at once, the caller included; at least 2.
    init(blockCount: Int, threadLimit: Int, body: @escaping Body) {
        self.blockCount = blockCount
        self.threadLimit = threadLimit
        state = Monitor(State(body: body))
    }

    /// Whether blocks are left and another helper may join; may turn false at any moment.
    var wantsHelp: Bool {
        !isExhausted && state.withLock { $0.body != nil && $0.inside < threadLimit - 1 }
    }

    private var isExhausted: Bool { nextBlock.load(ordering: .relaxed) >= blockCount }

    /// A helper's part: works on blocks until none is left. Returns at once if not wanted.
    func help() {
        guard enter() else { return }
        claimBlocks()
        leave()
    }

    /// The caller's part: works on blocks, waits until no helper is inside, then lets go of the
    /// closure.
    func run() {
        claimBlocks()
        state.waitUntil { state -> Void? in
            guard state.inside == 0 else { return nil }
            state.body = nil
            return ()
        }
    }

    private func enter() -> Bool {
        guard !isExhausted else { return false }
        return state.withLock { state in
            guard state.body != nil, state.inside < threadLimit - 1 else { return false }
            state.inside += 1
            return true
        }
    }

    private func leave() {
        state.withLock { $0.inside -= 1 }
        state.wakeAll()
    }

    /// Not inlined, so that this frame's hold on the closure ends before `leave`.
    @inline(never)
    private func claimBlocks() {
        guard let body = state.withLock({ $0.body }) else { return }
        while true {
            let block = nextBlock.wrappingAdd(1, ordering: .relaxed).oldValue
            guard block < blockCount else { return }
            body(block)
        }
    }
}
