/// One admitted call: answered exactly once, by its handler, its deadline or a drain.
final class ActiveCall: Sendable {
    typealias Reply = @Sendable ([UInt8]) -> Void

    private struct State {
        var reply: Reply?
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    let id: UInt64
    let head: EnvelopePeek
    let admission: AdmissionClass
    let frameBytes: Int
    let arrival: ContinuousClock.Instant
    let deadline: ContinuousClock.Instant
    private let state: Locked<State>

    init(
        id: UInt64,
        head: EnvelopePeek,
        admission: AdmissionClass,
        frameBytes: Int,
        arrival: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant,
        reply: @escaping Reply
    ) {
        self.id = id
        self.head = head
        self.admission = admission
        self.frameBytes = frameBytes
        self.arrival = arrival
        self.deadline = deadline
        state = Locked(State(reply: reply))
    }

    /// The right to answer: the first caller gets it, later ones nil.
    func takeReply() -> Reply? {
        state.withLock { state in
            defer { state.reply = nil }
            return state.reply
        }
    }

    /// Names the task that runs the handler, so that `cancel` reaches it, also if it came first.
    func attach(_ task: Task<Void, Never>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }
}
