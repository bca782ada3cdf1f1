internal import Dispatch
internal import RPC

/// Lets any number of users in at once, until it is closed; closing waits for the last to leave.
///
/// nng waits for its own callbacks before it frees an operation. Whatever else touches the operation,
/// a call that begins, a timer that cuts one short, a reply, does so in here.
package final class UseGate: Sendable {
    private let isClosed = Locked(false)
    private let users = DispatchGroup()

    package init() {}

    /// - Returns: whether the gate was open; `body` has run then.
    package func run(_ body: () -> Void) -> Bool {
        let isIn = isClosed.withLock { isClosed in
            if !isClosed { users.enter() }
            return !isClosed
        }
        guard isIn else { return false }
        defer { users.leave() }
        body()
        return true
    }

    /// Refuses later users and waits for those inside. Blocks: not for async code, nor from inside.
    package func close() {
        isClosed.withLock { $0 = true }
        users.wait()
    }
}
