package import Embeddings
package import Events

/// The flagship: an additive mixture of event memory, sequences, time, place, popularity, category
/// and a linear graph convolution.
///
/// score(u, i, c) = b_i + Σ_f g_f(u, c) · spline_f(x_f(u, i, c)). The features x are in
/// `ChronotopeFeature`; the gates g see user and context, never the item, so that the parts are an
/// exact explanation. Two heads, each with gates and b of its own: one for questions that name the
/// time, one for those that hide it.
package struct ChronotopeModel: IndexedModel {
    package static let family = "chronotope"

    package let catalogue: ItemTable
    package let actions: Vocabulary
    package let settings: ChronotopeSettings
    package let trainedStatistics: LiveStatistics
    let given: ChronotopeHead
    let hidden: ChronotopeHead
    let embeddings: ChronotopeEmbeddings
    let behaviours: ChronotopeBehaviours
    /// `MemoryKernels.table` of either head.
    private let givenKernels: [MemoryKernels.Row]
    private let hiddenKernels: [MemoryKernels.Row]
    package var scan: ItemScan?

    package init(
        catalogue: ItemTable,
        actions: Vocabulary,
        settings: ChronotopeSettings,
        given: ChronotopeHead,
        hidden: ChronotopeHead,
        embeddings: ChronotopeEmbeddings,
        trainedStatistics: LiveStatistics
    ) {
        self.catalogue = catalogue
        self.actions = actions
        self.settings = settings
        behaviours = ChronotopeBehaviours(settings.targetActions, in: actions)
        self.given = given
        self.hidden = hidden
        givenKernels = MemoryKernels.table(given.kernels)
        hiddenKernels = MemoryKernels.table(hidden.kernels)
        self.embeddings = embeddings
        self.trainedStatistics = trainedStatistics
    }

    package var partNames: [String] { ChronotopePart.names }
    package var answersWithoutHistory: Bool { settings.answersWithoutHistory }
    package var itemEmbeddings: EmbeddingTable { embeddings.table }
    /// None with an encoder: its outputs are a second table.
    package var indexedTable: EmbeddingTable? { encoder == nil ? itemEmbeddings : nil }
    package var encoder: SequenceEncoder? { embeddings.encoder }

    package func userEmbedding(of history: UserHistory) -> [Float] {
        embeddings.userVector(of: history)
    }

    package func scores(
        for question: Question,
        given statistics: LiveStatistics
    ) -> [Float] {
        columns(for: question, given: statistics).scores()
    }

    package func search(
        for question: Question,
        given statistics: LiveStatistics
    ) -> ItemSearch {
        let columns = columns(for: question, given: statistics).sorted
        return ItemSearch(query: columns.query, offsets: columns.offsets(of:))
    }

    package func scores(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [Float] {
        columns(for: question, given: statistics).sorted.scores(of: items)
    }

    private func columns(
        for question: Question,
        given statistics: LiveStatistics
    ) -> ChronotopeColumns {
        let (scorer, weights) = scorer(for: question, given: statistics, hasColumns: false)
        return ChronotopeColumns(
            scorer: scorer,
            statistics: statistics,
            embeddings: embeddings,
            behaviours: behaviours,
            weights: weights,
            bias: isOff(.popularity, in: question) ? [] : head(for: question).itemBias
        )
    }

    package func parts(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]] {
        let (scorer, weights) = scorer(for: question, given: statistics)
        let bias = head(for: question).itemBias
        return items.map { item in
            var parts = scorer.parts(of: Int(item), weights)
            if !isOff(.popularity, in: question) {
                parts[ChronotopePart.popularity.rawValue] += bias[Int(item)]
            }
            return parts
        }
    }

    func head(for question: Question) -> ChronotopeHead {
        question.instant == nil ? hidden : given
    }

    func isOff(_ part: ChronotopePart, in question: Question) -> Bool {
        settings.without.contains(part) || question.switchedOff.contains(part.name)
    }

    /// The field of a question, and its weights, zero for parts that are switched off.
    func scorer(
        for question: Question,
        given statistics: LiveStatistics,
        hasColumns: Bool = true
    ) -> (ChronotopeScorer, [Float]) {
        let field = ChronotopeField(
            question,
            statistics: statistics,
            embeddings: embeddings,
            behaviours: behaviours,
            hasColumns: hasColumns
        )
        let head = head(for: question)
        var weights = head.gates.activation(of: field.gateInputs).weights
        if !(question.switchedOff.isEmpty && settings.without.isEmpty) {
            for (output, part) in ChronotopeLayout.shared.parts.enumerated()
            where isOff(part, in: question) { weights[output] = 0 }
        }
        let scorer = ChronotopeScorer(
            field: field,
            catalogue: statistics.catalogue,
            kernelTable: question.instant == nil ? hiddenKernels : givenKernels
        )
        return (scorer, weights)
    }
}
