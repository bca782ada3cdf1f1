internal import Embeddings
internal import Logging
internal import ModelStorage
internal import Training

/// The checkpoints of one run: a state for each of its fits. Blocks on the disk.
///
/// A state that cannot be kept or read costs time after a crash, never the run.
struct RunCheckpoints: Sendable {
    /// Keeping states takes at most this share of a fit's time.
    private static let timeShare = 0.05

    let store: CheckpointStore
    let run: Int64
    let logger: Logger

    /// What the fit named `fit` goes on from, and where it leaves its states.
    ///
    /// - Parameters:
    ///   - passLimit: the state after this pass is kept whatever it costs.
    ///   - kept: called after a state is kept.
    func of(
        _ fit: String,
        passLimit: Int = .max,
        kept: @escaping () -> Void = {}
    ) -> Checkpoints {
        var last = ContinuousClock.now
        var cost = Duration.zero
        return Checkpoints(start: start(fit), passLimit: passLimit) { pass, state in
            let begin = ContinuousClock.now
            guard pass >= passLimit || last.duration(to: begin) * Self.timeShare >= cost else {
                return
            }
            keep(state(), fit)
            kept()
            last = .now
            cost = begin.duration(to: last)
        }
    }

    /// After this every fit starts anew; with a name, that fit.
    func remove(_ fit: String? = nil) {
        do {
            if let fit {
                try store.remove(run: run, fit: fit)
            } else {
                try store.remove(run: run)
            }
        } catch {
            logger.warning("checkpoints were not removed", metadata: metadata(error))
        }
    }

    private func start(_ fit: String) -> [Tensor] {
        do {
            let state = try store.read(run: run, fit: fit)
            if !state.isEmpty {
                logger.notice("a fit goes on from its checkpoint", metadata: metadata(fit: fit))
            }
            return state
        } catch {
            logger.warning("a checkpoint cannot be read", metadata: metadata(error, fit: fit))
            return []
        }
    }

    private func keep(_ state: [Tensor], _ fit: String) {
        do {
            try store.write(state, run: run, fit: fit)
        } catch {
            logger.warning("a checkpoint was not kept", metadata: metadata(error, fit: fit))
        }
    }

    private func metadata(_ error: ModelStoreError? = nil, fit: String = "") -> Logger.Metadata {
        var metadata: Logger.Metadata = ["run": "\(run)"]
        if !fit.isEmpty { metadata["fit"] = "\(fit)" }
        if let error { metadata["error"] = "\(error)" }
        return metadata
    }
}
