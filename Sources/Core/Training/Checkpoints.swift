package import Embeddings
internal import Models

/// How an iterative training is interrupted between passes, and goes on from there.
///
/// The state is everything that later passes depend on: parameters, moments, the best pass so far,
/// generators. A training that goes on from it gives the same bytes as one never interrupted.
/// Where states lie, and how often one is kept, is the caller's business.
package struct Checkpoints {
    /// The state to go on from, as `keep` got it; empty starts anew.
    package var start: [Tensor]
    /// Training ends after this pass, as if interrupted there: rates still go by the pass count of
    /// the settings. At least 1.
    package var passLimit: Int
    /// Called at the end of every pass with its number, from 1. Makes the state only if it wants it.
    package var keep: (Int, () -> [Tensor]) -> Void

    package init(
        start: [Tensor] = [],
        passLimit: Int = .max,
        keep: @escaping (Int, () -> [Tensor]) -> Void = { _, _ in }
    ) {
        self.start = start
        self.passLimit = passLimit
        self.keep = keep
    }

    /// How many passes are behind the state to go on from.
    package var passesDone: Int {
        CheckpointState(start).flatMap { try? $0.integer(CheckpointState.passName) } ?? 0
    }
}

/// A kept state as its training reads it back. Refuses what another training left.
struct CheckpointState {
    static let passName = "pass"

    private let tensors: [Tensor]

    /// nil where there is none.
    init?(_ tensors: [Tensor]) {
        if tensors.isEmpty { return nil }
        self.tensors = tensors
    }

    func floats(_ name: String, count: Int) throws(ModelError) -> [Float] {
        try part(name, .float32, count: count).floats()
    }

    func doubles(_ name: String, count: Int) throws(ModelError) -> [Double] {
        try part(name, .float64, count: count).doubles()
    }

    func integer(_ name: String) throws(ModelError) -> Int {
        Int(try part(name, .int64, count: 1).int64s()[0])
    }

    func bits(_ name: String) throws(ModelError) -> UInt64 {
        try part(name, .uint64, count: 1).uint64s()[0]
    }

    private func part(
        _ name: String,
        _ element: TensorElement,
        count: Int
    ) throws(ModelError) -> Tensor {
        do {
            return try tensors.tensor(name, element, shape: [count])
        } catch {
            throw ModelError(
                code: .badArchive,
                place: "checkpoint, \(error.place)",
                problem: error.problem,
                remedy: "start the run again: the checkpoint is of other data or settings"
            )
        }
    }
}

extension Tensor {
    static func integer(_ name: String, _ value: Int) -> Tensor {
        Tensor(name, shape: [1], int64s: [Int64(value)])
    }
}
