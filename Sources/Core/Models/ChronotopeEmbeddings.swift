package import Embeddings
internal import Events
internal import Glibc

/// Item embeddings of the linear graph convolution, and how users' vectors are gathered of them.
package struct ChronotopeEmbeddings: Sendable {
    /// Shape [items, d].
    let table: EmbeddingTable
    /// Shape [items]: what a visit adds of an item's row.
    let gatherScales: [Float]
    /// The weight of an event, by index of its action; 1 beyond the end.
    let actionWeights: [Float]
    /// nil where none was asked for.
    package var encoder: SequenceEncoder?

    /// - Parameter gatherScales: one a row of `table`.
    package init(
        table: EmbeddingTable,
        gatherScales: [Float],
        actionWeights: [Float] = [],
        encoder: SequenceEncoder? = nil
    ) {
        precondition(gatherScales.count == table.rowCount, "\(gatherScales.count) scales")
        self.table = table
        self.gatherScales = gatherScales
        self.actionWeights = actionWeights
        self.encoder = encoder
    }

    /// Events of the current trajectory that its vector is made of.
    private static let trajectoryLength = 10

    /// The vectors of `LinearFeature`; empty where there is nothing to make one of.
    func queries(
        memory: ChronotopeMemory,
        history: UserHistory,
        behaviours: ChronotopeBehaviours
    ) -> [[Float]] {
        let targets = behaviours.targetItems(of: history)
        return [
            vector(of: memory.items, memory.weights.map { max(0, $0).squareRoot() }),
            trajectoryVector(of: history),
            vector(of: targets, Array(repeating: 1, count: targets.count)),
            encoder?.query(of: history) ?? [],
        ]
    }

    /// The columns of `LinearFeature`, shape [items] each; empty where the query is.
    func products(with queries: [[Float]]) -> [[Float]] {
        zip(LinearFeature.allCases, queries).map { feature, query in
            guard !query.isEmpty else { return [] }
            let rows = feature == .sequence ? encoder?.outputs : table
            return rows?.products(with: query) ?? []
        }
    }

    func userVector(of history: UserHistory) -> [Float] {
        guard let last = history.last else { return Array(repeating: 0, count: table.dimension) }
        var weights: [Int32: Float] = [:]
        for entry in history.entries {
            let days = Float(last.instant.seconds(since: entry.instant) / 86_400)
            weights[entry.item, default: 0] +=
                expf(-days / 60) * actionWeights.weight(of: entry.action)
        }
        let items = weights.keys.sorted()
        return vector(of: items, items.map { max(0, weights[$0] ?? 0).squareRoot() })
    }

    /// Of the last events that each follow the one before within a day, the latest weighing most.
    private func trajectoryVector(of history: UserHistory) -> [Float] {
        var items: [Int32] = []
        var weights: [Float] = []
        items.reserveCapacity(Self.trajectoryLength)
        weights.reserveCapacity(Self.trajectoryLength)
        var later = history.lastInOrder
        for entry in history.entries.reversed().prefix(Self.trajectoryLength) {
            guard
                let next = later,
                next.instant.seconds(since: entry.instant) <= LiveStatistics.maxTransitionSeconds
            else { break }
            weights.append(powf(0.7, Float(items.count)))
            items.append(entry.item)
            later = entry
        }
        return vector(of: items, weights)
    }

    /// Σ weight · scale · row, over the length of the weights; empty for no items.
    private func vector(of items: [Int32], _ weights: consuming [Float]) -> [Float] {
        guard !items.isEmpty else { return [] }
        var norm: Float = 0
        for index in items.indices {
            norm += weights[index] * weights[index]
            weights[index] *= gatherScales[Int(items[index])]
        }
        var vector = table.gather(items, weights: weights)
        guard norm > 0 else { return vector }
        let scale = 1 / norm.squareRoot()
        for column in 0..<vector.count { vector[column] *= scale }
        return vector
    }
}
