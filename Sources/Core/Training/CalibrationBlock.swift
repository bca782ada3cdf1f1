internal import Models
internal import Synchronization

/// A run of targets, each seen through what its source knows of the world.
///
/// Blocks go through their targets at the same time, one target a step, so that a step's batch
/// comes from all over the calibration and no field is ever stored.
final class CalibrationBlock: Sendable {
    struct State {
        var source: any CalibrationSource
        var next = 0
        /// Of the last step: sums over the heads' parameters.
        var gradients: [[Float]]
        var outcomes: [ChronotopeExample.Outcome] = []
    }

    let state: Mutex<State>
    private let start: any CalibrationSource

    init(_ start: any CalibrationSource, headCount: Int, parameterCount: Int) {
        self.start = start
        let zeros = [Float](repeating: 0, count: parameterCount)
        state = Mutex(State(source: start, gradients: Array(repeating: zeros, count: headCount)))
    }

    func rewind() {
        state.withLock { state in
            state.source = start
            state.next = 0
        }
    }

    /// Leaves the gradient of the next target in the state; zeros when none is left.
    func step(_ heads: [ChronotopeHead]) {
        state.withLock { state in
            for head in heads.indices {
                for index in state.gradients[head].indices { state.gradients[head][index] = 0 }
            }
            state.outcomes = []
            guard state.next < state.source.count else { return }
            let examples = state.source.examples(at: state.next)
            state.next += 1
            for (index, head) in heads.enumerated() {
                state.outcomes.append(
                    head.addGradient(of: examples[index], to: &state.gradients[index])
                )
            }
        }
    }

    /// Outcomes of all targets by head, without gradients.
    func outcomes(_ heads: [ChronotopeHead]) -> [[ChronotopeExample.Outcome]] {
        var source = start
        var outcomes = heads.map { _ in [ChronotopeExample.Outcome]() }
        for place in 0..<source.count {
            let examples = source.examples(at: place)
            for (index, head) in heads.enumerated() {
                outcomes[index].append(head.outcome(of: examples[index]))
            }
        }
        return outcomes
    }
}
