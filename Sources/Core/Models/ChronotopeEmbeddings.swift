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
        let user = zip(memory.items, memory.weights).map { ($0, max(0, $1).squareRoot()) }
        let targets = behaviours.targetItems(of: history).map { ($0, Float(1)) }
        return [user, Self.trajectory(of: history), targets].map { parts in
            parts.isEmpty ? [] : vector(of: parts)
        } + [encoder?.query(of: history) ?? []]
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
        guard let last = history.last else { return vector(of: []) }
        var weights: [Int32: Float] = [:]
        for entry in history.entries {
            let days = Float(last.instant.seconds(since: entry.instant) / 86_400)
            weights[entry.item, default: 0] +=
                expf(-days / 60) * actionWeights.weight(of: entry.action)
        }
        return vector(
            of: weights.sorted { $0.key < $1.key }.map { ($0.key, max(0, $0.value).squareRoot()) }
        )
    }

    /// The last events that each follow the one before within a day, the latest weighing most.
    private static func trajectory(of history: UserHistory) -> [(Int32, Float)] {
        var parts: [(Int32, Float)] = []
        parts.reserveCapacity(trajectoryLength)
        var later = history.lastInOrder
        for entry in history.entries.reversed().prefix(trajectoryLength) {
            guard
                let next = later,
                next.instant.seconds(since: entry.instant) <= LiveStatistics.maxTransitionSeconds
            else { break }
            parts.append((entry.item, powf(0.7, Float(parts.count))))
            later = entry
        }
        return parts
    }

    /// Σ weight · scale · row, over the length of the weights.
    private func vector(of parts: [(item: Int32, weight: Float)]) -> [Float] {
        var norm: Float = 0
        for (_, weight) in parts { norm += weight * weight }
        var vector = table.gather(
            parts.map { $0.item },
            weights: parts.map { $0.weight * gatherScales[Int($0.item)] }
        )
        guard norm > 0 else { return vector }
        let scale = 1 / norm.squareRoot()
        for column in 0..<vector.count { vector[column] *= scale }
        return vector
    }
}
