import Messages
import RPC
import Synchronization

/// Does one thing again and again and knows when it first went well after a moment.
final class Probe: Sendable {
    let name: String
    private let attempt: @Sendable () async -> Bool
    private let state = Mutex(State())

    private struct State {
        var good = 0
        var failed = 0
        var moment: ContinuousClock.Instant?
        var firstGood: ContinuousClock.Instant?
    }

    private static let pause = Duration.milliseconds(3)

    /// - Parameter attempt: one call; whether it went well.
    init(_ name: String, _ attempt: @escaping @Sendable () async -> Bool) {
        self.name = name
        self.attempt = attempt
    }

    var goodCount: Int { state.withLock { $0.good } }
    var failedCount: Int { state.withLock { $0.failed } }

    /// Attempts until `isOver`.
    func run(until isOver: Switch) async {
        while !isOver.isOn, !Task.isCancelled {
            let began = ContinuousClock.now
            let isGood = await attempt()
            state.withLock { state in
                guard isGood else { return state.failed += 1 }
                state.good += 1
                guard let moment = state.moment, began > moment else { return }
                if state.firstGood == nil { state.firstGood = .now }
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// From here on the first success of an attempt begun after `moment` is looked for.
    func watch(from moment: ContinuousClock.Instant) {
        state.withLock { state in
            state.moment = moment
            state.firstGood = nil
        }
    }

    /// When it came; nil so far.
    var firstGood: ContinuousClock.Instant? { state.withLock { $0.firstGood } }
}

extension Wire.ListReply {
    /// Whether the version's model answered, and no fallback.
    func isGood(family: String) -> Bool {
        guard let provenance else { return false }
        return provenance.path == family && provenance.modelVersion > 0 && !items.isEmpty
    }
}
