package import Embeddings
package import Events
package import Kernels

/// A fitted model of any family: immutable, so that every thread reads it without a lock.
///
/// One scoring path serves evaluation and the model server. A score is the sum of its parts, so
/// that every answer can be explained exactly.
package protocol RecommenderModel: Sendable {
    /// The name in manifests, flags and replies: `spectral`, `chronotope`, `lightgcn`, `gcn`.
    static var family: String { get }

    /// The items this model ranks, in index order.
    var catalogue: ItemTable { get }

    /// The actions this model was trained on; entries of a history index into it.
    var actions: Vocabulary { get }

    /// The names of the score parts, in the order of `parts(of:for:given:)`, each a layer that a
    /// caller can switch off.
    var partNames: [String] { get }

    /// Whether the model was trained to answer for users of whom nothing is known; else popularity
    /// does.
    var answersWithoutHistory: Bool { get }

    /// Item embeddings, shape [items, d]: what SimilarItems compares.
    var itemEmbeddings: EmbeddingTable { get }

    /// The user's vector, shape [d], gathered from the history: works for users unseen in training.
    func userEmbedding(of history: UserHistory) -> [Float]

    /// Scores of every item, shape [items], in item order; higher is better; all finite.
    func scores(for question: Question, given statistics: LiveStatistics) -> [Float]

    /// The scores for several questions, shape [questions, items], row-major; each row within
    /// rounding of `scores(for:given:)` of its question. A family overrides it where a block of
    /// questions is cheaper than one after the other.
    func scores(for questions: [Question], given statistics: LiveStatistics) -> [Float]

    /// The model with an index of a large catalogue, which makes `best` quicker: for serving.
    func indexed(spread: Spread) -> Self

    /// The `k` best of the eligible items, best first, ties by smaller index: those with the largest
    /// `scores(for:given:)`, up to its rounding. A family overrides it where a large catalogue is
    /// searched without scoring every item.
    ///
    /// - Parameters:
    ///   - eligible: bit i % 64 of word i / 64 says whether item i may be listed; nil = all.
    ///   - spread: runs parts of the work, at the same time where it can: `pool.forEachBlock`.
    func best(
        _ k: Int,
        of eligible: [UInt64]?,
        for question: Question,
        given statistics: LiveStatistics,
        spread: Spread
    ) -> [ScoredIndex]

    /// The exact parts of the scores of `items`, shape [items.count][partNames.count].
    ///
    /// For each item the parts sum to its score within 1e-4 relative to the larger of 1 and the
    /// largest part.
    func parts(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]]

    /// The statistics over all users as of the end of training; the server goes on from them.
    var trainedStatistics: LiveStatistics { get }

    /// Everything `load` needs, apart from the users.
    func archive() -> ModelArchive

    /// Rebuilds a model from its archive; the scores are bit-equal to the archived model's.
    static func load(_ archive: ModelArchive) throws(ModelError) -> Self
}

extension RecommenderModel {
    package var answersWithoutHistory: Bool { false }

    package func scores(
        for questions: [Question],
        given statistics: LiveStatistics
    ) -> [Float] {
        questions.flatMap { scores(for: $0, given: statistics) }
    }

    package func indexed(spread: Spread) -> Self { self }

    package func best(
        _ k: Int,
        of eligible: [UInt64]?,
        for question: Question,
        given statistics: LiveStatistics,
        spread: Spread
    ) -> [ScoredIndex] {
        bestByScore(k, of: eligible, for: question, given: statistics)
    }

    /// The `k` best by the score of every item.
    func bestByScore(
        _ k: Int,
        of eligible: [UInt64]?,
        for question: Question,
        given statistics: LiveStatistics
    ) -> [ScoredIndex] {
        let scores = scores(for: question, given: statistics)
        return KernelVariant.best.topK(k, of: scores.span, eligible: eligible?.span)
    }
}

/// What is asked of a model: who (by what they did), when, where, and which parts count.
package struct Question: Sendable {
    package var history: UserHistory
    /// The moment to recommend for; nil where the time is hidden, then no part may use more than
    /// the last known event's instant.
    package var instant: Instant?
    /// Minutes east of Greenwich of the user's clock.
    package var utcOffsetMinutes: Int
    /// Where the user is; nil stands for the place of the last event.
    package var place: Place?
    /// Names of score parts that must contribute exactly zero.
    package var switchedOff: Set<String>

    package init(
        history: UserHistory,
        instant: Instant? = nil,
        utcOffsetMinutes: Int = 0,
        place: Place? = nil,
        switchedOff: Set<String> = []
    ) {
        self.history = history
        self.instant = instant
        self.utcOffsetMinutes = utcOffsetMinutes
        self.place = place
        self.switchedOff = switchedOff
    }
}

/// A model as named tensors and settings: what a version of the store holds of it.
package struct ModelArchive: Sendable {
    package var family: String
    /// Item ids, catalogue columns and item embeddings: items.safetensors.
    package var items: [Tensor]
    /// Parameters and trained statistics: model.safetensors.
    package var parameters: [Tensor]
    /// Hyper-parameters and whatever else is a scalar, for the manifest.
    package var settings: [String: String]

    package init(
        family: String,
        items: [Tensor],
        parameters: [Tensor],
        settings: [String: String]
    ) {
        self.family = family
        self.items = items
        self.parameters = parameters
        self.settings = settings
    }
}

/// Why an archive is no model, or a model cannot be fitted.
package struct ModelError: Error, Hashable, Sendable {
    package enum Code: Sendable { case unknownFamily, badArchive, notEnoughData }
    package var code: Code
    /// The tensor, setting or column.
    package var place: String
    package var problem: String
    package var remedy: String

    package init(code: Code, place: String, problem: String, remedy: String) {
        self.code = code
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }
}
