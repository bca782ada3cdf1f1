package import Embeddings
internal import Models

extension Outcomes {
    /// What lists are judged by apart from their hits.
    package struct ListContext: Sendable {
        /// Training events by item, shape [items].
        package var counts: [Float]
        /// Shape [items, d]: lists of baselines are held to the same vectors; nil = no diversity.
        package var embeddings: EmbeddingTable?

        package init(counts: [Float], embeddings: EmbeddingTable?) {
            self.counts = counts
            self.embeddings = embeddings
        }
    }

    /// Every ranking metric at every cutoff, then of the lists, up to the longest cutoff.
    ///
    /// - Parameters:
    ///   - cutoffs: the values of k, ascending, at least one.
    ///   - hitName: what a hit is called: `acc`, `hr`.
    package init(
        _ instances: [RankedInstance],
        cutoffs: [Int],
        hitName: String,
        context: ListContext
    ) {
        var columns: [Column] = []
        func add(_ name: String, _ value: (RankedInstance) -> Double) {
            columns.append((name, instances.map(value)))
        }
        for k in cutoffs {
            add("\(hitName)@\(k)") { $0.ranks.first.map { Metrics.hit(at: k, rank: $0) } ?? 0 }
            add("recall@\(k)") {
                Metrics.recall(at: k, ranks: $0.ranks, relevantCount: $0.relevantCount)
            }
            add("precision@\(k)") { Metrics.precision(at: k, ranks: $0.ranks) }
            add("ndcg@\(k)") {
                Metrics.ndcg(at: k, ranks: $0.ranks, relevantCount: $0.relevantCount)
            }
            add("map@\(k)") {
                Metrics.averagePrecision(at: k, ranks: $0.ranks, relevantCount: $0.relevantCount)
            }
        }
        add("mrr") { $0.ranks.first.map(Metrics.reciprocalRank) ?? 0 }
        add("auc") {
            Metrics.auc(
                ranks: $0.ranks,
                relevantCount: $0.relevantCount,
                candidateCount: $0.candidateCount
            )
        }
        let length = cutoffs.last ?? 0
        let total = context.counts.reduce(0) { $0 + Double($1) }
        add("novelty@\(length)") {
            Metrics.novelty(of: $0.list, counts: context.counts, total: total)
        }
        if let embeddings = context.embeddings {
            add("diversity@\(length)") { Self.diversity(of: $0.list, embeddings) }
        }
        let lists = instances.lazy.map(\.list)
        let itemCount = context.counts.count
        self.init(
            columns,
            whole: [
                ("coverage@\(length)", Metrics.coverage(of: lists, itemCount: itemCount)),
                ("gini@\(length)", Metrics.gini(of: lists, itemCount: itemCount)),
            ],
            instanceCount: instances.count
        )
    }

    private static func diversity(of list: [Int32], _ embeddings: EmbeddingTable) -> Double {
        var vectors: [Float] = []
        vectors.reserveCapacity(list.count * embeddings.dimension)
        for item in list { vectors.append(contentsOf: embeddings.row(Int(item))) }
        return Metrics.diversity(of: vectors, dimension: embeddings.dimension)
    }
}
