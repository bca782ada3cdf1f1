internal import Events
internal import Models
internal import Synchronization

/// A run of targets in time order, each seen through everything that happened before it.
///
/// Blocks go through their targets at the same time, one target a step, so that a step's batch
/// comes from all over the calibration window and no field is ever stored.
final class CalibrationBlock: Sendable {
    struct State {
        var replay: EventReplay
        var next = 0
        /// Of the last step: sums over the heads' parameters.
        var gradients: [[Float]]
        var outcomes: [ChronotopeExample.Outcome] = []
    }

    let state: Mutex<State>
    private let start: EventReplay
    private let targets: [Int]

    init(start: EventReplay, targets: [Int], headCount: Int, parameterCount: Int) {
        self.start = start
        self.targets = targets
        let zeros = [Float](repeating: 0, count: parameterCount)
        state = Mutex(State(replay: start, gradients: Array(repeating: zeros, count: headCount)))
    }

    func rewind() {
        state.withLock { state in
            state.replay = start
            state.next = 0
        }
    }

    /// Leaves the gradient of the next target in the state; zeros when none is left.
    func step(_ heads: [ChronotopeHead], rows: [EventRow], embeddings: ChronotopeEmbeddings) {
        state.withLock { state in
            for head in heads.indices {
                for index in state.gradients[head].indices { state.gradients[head][index] = 0 }
            }
            state.outcomes = []
            guard state.next < targets.count else { return }
            let row = rows[targets[state.next]]
            state.next += 1
            state.replay.advance(to: row.instant, in: rows)
            for (index, head) in heads.enumerated() {
                let example = ChronotopeExample(
                    state.replay.question(before: row, isTimeGiven: index == 0),
                    target: row.item,
                    statistics: state.replay.statistics,
                    embeddings: embeddings
                )
                state.outcomes.append(
                    head.addGradient(of: example, to: &state.gradients[index])
                )
            }
        }
    }

    /// Outcomes of all targets by head, without gradients.
    func outcomes(
        _ heads: [ChronotopeHead],
        rows: [EventRow],
        embeddings: ChronotopeEmbeddings
    ) -> [[ChronotopeExample.Outcome]] {
        var replay = start
        var outcomes = heads.map { _ in [ChronotopeExample.Outcome]() }
        for target in targets {
            let row = rows[target]
            replay.advance(to: row.instant, in: rows)
            for (index, head) in heads.enumerated() {
                let example = ChronotopeExample(
                    replay.question(before: row, isTimeGiven: index == 0),
                    target: row.item,
                    statistics: replay.statistics,
                    embeddings: embeddings
                )
                outcomes[index].append(head.outcome(of: example))
            }
        }
        return outcomes
    }
}
