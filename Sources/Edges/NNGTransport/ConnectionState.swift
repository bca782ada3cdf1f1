internal import CNNG
internal import RPC

/// The connections of a client socket, as nng tells of them.
final class ConnectionState: Sendable {
    private struct State {
        var pipes: [UInt32] = []
        var waiters: [OneShot<Bool>] = []
    }

    private let state = Locked(State())

    var isConnected: Bool {
        count > 0
    }

    var count: Int {
        state.withLock { $0.pipes.count }
    }

    /// Called once, before dialing. The owner keeps this object until the socket is closed.
    func observe(_ socket: nng_socket) throws(NNGError) {
        let argument = unsafe Unmanaged.passUnretained(self).toOpaque()
        for event in [NNG_PIPE_EV_ADD_POST, NNG_PIPE_EV_REM_POST] {
            try NNGError.check(
                unsafe nng_pipe_notify(socket, event, Self.changed, argument),
                "nng_pipe_notify"
            )
        }
    }

    /// Closes all connections; from now on they do not count.
    func dropAll() {
        let pipes = state.withLock { state in
            defer { state.pipes = [] }
            return state.pipes
        }
        for pipe in pipes { nng_pipe_close(nng_pipe(id: pipe)) }
    }

    /// Waits for a connection; false where none is up within `limit`, or the task is cancelled.
    func wait(within limit: Duration) async -> Bool {
        let waiter = OneShot<Bool>()
        let isConnected = state.withLock { state in
            if state.pipes.isEmpty { state.waiters.append(waiter) }
            return !state.pipes.isEmpty
        }
        if isConnected { return true }
        let timer = DeadlineTimer()
        let id = timer.add(at: .now + limit) { waiter.resolve(false) }
        let result = await withTaskCancellationHandler {
            await waiter.value()
        } onCancel: {
            waiter.resolve(false)
        }
        timer.remove(id)
        state.withLock { $0.waiters.removeAll { $0 === waiter } }
        return result
    }

    func failWaiters() {
        for waiter in takeWaiters() { waiter.resolve(false) }
    }

    private func takeWaiters() -> [OneShot<Bool>] {
        state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
    }

    private nonisolated static let changed:
        @convention(c) (nng_pipe, nng_pipe_ev, UnsafeMutableRawPointer?) -> Void = {
            pipe,
            event,
            argument in
            guard let argument = unsafe argument else { return }
            let state = unsafe Unmanaged<ConnectionState>.fromOpaque(argument)
                .takeUnretainedValue()
            if event == NNG_PIPE_EV_ADD_POST {
                state.added(pipe.id)
            } else {
                state.removed(pipe.id)
            }
        }

    private func added(_ pipe: UInt32) {
        state.withLock { $0.pipes.append(pipe) }
        for waiter in takeWaiters() { waiter.resolve(true) }
    }

    private func removed(_ pipe: UInt32) {
        state.withLock { $0.pipes.removeAll { $0 == pipe } }
    }
}
