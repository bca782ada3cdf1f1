package import Models
package import Workers

extension ListTask {
    /// Scores of a block of instances: shape [instances, items], row-major, higher is better.
    package typealias Scorer = @Sendable (ArraySlice<ListInstance>) -> [Float]

    /// Instances scored together: one matrix product, and 10 MB of scores at 40,000 items.
    private static let blockSize = 64

    /// Popularity, and what the protocol adds to it.
    package struct Baseline: Sendable {
        package var name: String
        var scorer: Scorer
    }

    /// The rankings of a model that was fitted to `train`.
    ///
    /// A question without any history goes to popularity, as in the model server, but where the
    /// model was trained to answer it.
    package func rankings(
        of model: any RecommenderModel,
        on pool: WorkerPool
    ) -> [RankedInstance] {
        let statistics = model.trainedStatistics
        let popularity = Popularity(train).counts
        return rankings(on: pool) { block in
            let asked = block.filter { !$0.history.isEmpty || model.answersWithoutHistory }
            let questions = asked.map { Question(history: $0.history) }
            let scores = model.scores(for: questions, given: statistics)
            guard asked.count < block.count else { return scores }
            var all: [Float] = []
            all.reserveCapacity(block.count * popularity.count)
            var next = 0
            for instance in block {
                if instance.history.isEmpty, !model.answersWithoutHistory {
                    all += popularity
                } else {
                    all += scores[next..<next + popularity.count]
                    next += popularity.count
                }
            }
            return all
        }
    }

    package func rankings(of baseline: Baseline, on pool: WorkerPool) -> [RankedInstance] {
        rankings(on: pool, scorer: baseline.scorer)
    }

    /// What the rankings came to, with lists held to the model's item vectors.
    package func outcomes(
        of rankings: [RankedInstance],
        embeddingsOf model: (any RecommenderModel)?
    ) -> Outcomes {
        Outcomes(
            rankings,
            cutoffs: cutoffs,
            hitName: hitName,
            context: Outcomes.ListContext(
                counts: Popularity(train).counts,
                embeddings: model?.itemEmbeddings
            )
        )
    }

    /// Ranks all instances in fixed blocks; the order is that of `instances`.
    private func rankings(on pool: WorkerPool, scorer: Scorer) -> [RankedInstance] {
        let blockCount = (instances.count + Self.blockSize - 1) / Self.blockSize
        let blocks = pool.mapBlocks(blockCount) { block in
            let start = block * Self.blockSize
            let own = instances[start..<min(instances.count, start + Self.blockSize)]
            var scores = scorer(own)
            precondition(
                scores.count == own.count * itemCount,
                "\(scores.count) scores for \(own.count) instances of \(itemCount) items"
            )
            for (row, instance) in own.enumerated() {
                for item in instance.masked { scores[row * itemCount + Int(item)] = -.infinity }
            }
            return own.enumerated().map { row, instance in
                RankedInstance(
                    scores.span.extracting(row * itemCount..<(row + 1) * itemCount),
                    relevant: instance.relevant,
                    relevantCount: instance.relevantCount,
                    listLength: listLength
                )
            }
        }
        return blocks.flatMap { $0 }
    }
}
