internal import Events
package import Models
internal import Training
package import Workers

extension NextPlaceProtocol {
    /// What a target's history holds.
    package enum History: Sendable {
        /// Every check-in, of anyone, that is earlier than the target.
        case open
        /// The training part and the target's own prefix.
        case strict
    }

    /// Instances that one thread scores after another.
    private static let blockSize = 64

    /// The ranks of all targets, in the order of `instances`, by a model over the items of `data`.
    package func ranks(
        of model: any RecommenderModel,
        history: History,
        on pool: WorkerPool
    ) -> NextPlaceMetrics {
        NextPlaceMetrics(
            ranks: answers(of: model, history: history, near: nil, on: pool).ranks
        )
    }

    /// Ranks, lists and distances of all targets, in the order of `instances`.
    ///
    /// No event at or after a target's instant is read; where the protocol hides the time, neither
    /// is the instant itself.
    ///
    /// - Parameter near: what is near each target; nil leaves the distances out.
    package func answers(
        of model: any RecommenderModel,
        history: History,
        near: NearItems?,
        on pool: WorkerPool
    ) -> NextPlaceAnswers {
        let starts = snapshots(catalogue: CatalogueIndex(model.catalogue), history: history)
        let rows = data.joined
        let blocks = pool.mapBlocks(starts.count) { block in
            var replay = starts[block]
            let first = block * Self.blockSize
            let own = instances[first..<min(instances.count, first + Self.blockSize)]
            return own.map { instance in
                if history == .open { replay.advance(toPosition: instance.openCount, in: rows) }
                let question = question(for: instance, after: replay, history: history)
                let scores = model.scores(for: question, given: replay.statistics)
                return NextPlaceAnswers.Answer(scores, target: instance.target, near: near)
            }
        }
        return NextPlaceAnswers(blocks.flatMap { $0 })
    }

    /// The world before the first instance of each block.
    private func snapshots(catalogue: CatalogueIndex, history: History) -> [EventReplay] {
        var replay = EventReplay(catalogue: catalogue, userCount: data.users.count)
        if history == .strict { replay.advanceToEnd(of: data.train) }
        let rows = data.joined
        return stride(from: 0, to: instances.count, by: Self.blockSize).map { first in
            if history == .open {
                replay.advance(toPosition: instances[first].openCount, in: rows)
            }
            return replay
        }
    }

    private func question(
        for instance: NextPlaceInstance,
        after replay: EventReplay,
        history: History
    ) -> Question {
        var events = replay.histories[Int(instance.user)]
        if history == .strict {
            for row in instance.prefix { events.record(UserHistory.Entry(row)) }
        }
        return Question(
            history: events,
            instant: name.isTimeGiven ? instance.instant : nil,
            utcOffsetMinutes: name.isTimeGiven ? Int(instance.utcOffsetMinutes) : 0
        )
    }
}
