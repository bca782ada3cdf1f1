package import Embeddings
package import Events
internal import Glibc
internal import Kernels

/// The reference graph convolution as a recommender: one logit an item from the user's hidden
/// vector, learned with binary cross-entropy on what users did next.
///
/// With h the user's H_L and h₀ that of a user without events, the score of item i is
///
///     popularity     b_i + h₀ · w_i
///     collaborative  (h − h₀) · w_i
///     time           log P(slot | i) + log 168, from the item node's own outputs; 0 where the
///                    time is hidden
///
/// so that σ(popularity + collaborative) is the probability that the user acts on the item in a
/// week. No user is stored: h is one gather over the history (`GCNUserState`).
package struct GCNModel: ActivityModel {
    package static let family = "gcn"

    /// The score's parts.
    package enum Part: String, CaseIterable, Sendable {
        case popularity, collaborative, time
    }

    package let catalogue: ItemTable
    package let actions: Vocabulary
    package let settings: GCNSettings
    /// w_i, shape [items, d].
    package let itemEmbeddings: EmbeddingTable
    let users: GCNUserState
    let outputs: GCNOutputs
    /// h₀: the hidden vector of a user without events, shape [d].
    package let stranger: [Float]
    /// b_i + h₀ · w_i, shape [items].
    private let popularity: [Float]

    /// Counts nothing: the family reads no statistics.
    package var trainedStatistics: LiveStatistics { LiveStatistics() }
    package var partNames: [String] { Part.allCases.map(\.rawValue) }

    init(
        catalogue: ItemTable,
        actions: Vocabulary,
        settings: GCNSettings,
        itemEmbeddings: EmbeddingTable,
        users: GCNUserState,
        outputs: GCNOutputs
    ) {
        self.catalogue = catalogue
        self.actions = actions
        self.settings = settings
        self.itemEmbeddings = itemEmbeddings
        self.users = users
        self.outputs = outputs
        stranger = users.vector(of: UserHistory())
        popularity = zip(itemEmbeddings.products(with: stranger), outputs.itemBias)
            .map { $0 + $1 }
    }

    /// h − h₀: zeros for an empty history.
    package func userEmbedding(of history: UserHistory) -> [Float] {
        zip(users.vector(of: history), stranger).map { $0 - $1 }
    }

    package func scores(
        for question: Question,
        given statistics: LiveStatistics
    ) -> [Float] {
        var scores =
            isOn(.popularity, question)
            ? popularity : [Float](repeating: 0, count: popularity.count)
        if isOn(.collaborative, question) {
            let products = itemEmbeddings.products(with: userEmbedding(of: question.history))
            for item in scores.indices { scores[item] += products[item] }
        }
        if let slot = slot(of: question), isOn(.time, question) {
            let products = outputs.itemHidden.products(with: outputs.itemSlots.row(slot))
            for item in scores.indices {
                scores[item] += outputs.timePart(of: item, product: products[item], slot: slot)
            }
        }
        return scores
    }

    package func parts(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]] {
        let query = userEmbedding(of: question.history)
        let slot = isOn(.time, question) ? slot(of: question) : nil
        return items.map { index in
            let item = Int(index)
            return [
                isOn(.popularity, question) ? popularity[item] : 0,
                isOn(.collaborative, question)
                    ? KernelVariant.best.dot(itemEmbeddings.row(item).span, query.span) : 0,
                slot.map { slot in
                    let product = KernelVariant.best.dot(
                        outputs.itemHidden.row(item).span,
                        outputs.itemSlots.row(slot).span
                    )
                    return outputs.timePart(of: item, product: product, slot: slot)
                } ?? 0,
            ]
        }
    }

    package func slotProbability(for question: Question) -> Float? {
        guard let slot = slot(of: question) else { return nil }
        let hidden = users.vector(of: question.history)
        let product = KernelVariant.best.dot(outputs.userSlots.row(slot).span, hidden.span)
        return Self.sigmoid(product + outputs.userSlotBias[slot])
    }

    package func itemProbabilities(for question: Question) -> [Float] {
        let products = itemEmbeddings.products(with: userEmbedding(of: question.history))
        return zip(popularity, products).map { Self.sigmoid($0 + $1) }
    }

    private func isOn(_ part: Part, _ question: Question) -> Bool {
        !question.switchedOff.contains(part.rawValue)
    }

    private func slot(of question: Question) -> Int? {
        question.instant.map {
            TimeSlot($0, utcOffsetMinutes: question.utcOffsetMinutes).hourOfWeek
        }
    }

    static func sigmoid(_ logit: Float) -> Float { 1 / (1 + expf(-logit)) }
}

/// The output layer apart from the item rows, and what item nodes bring to it.
struct GCNOutputs: Sendable {
    /// b_i, shape [items].
    var itemBias: [Float]
    /// The user node's logit a slot, shapes [168, d] and [168].
    var userSlots: EmbeddingTable
    var userSlotBias: [Float]
    /// The item node's logit a slot, shapes [168, d] and [168].
    var itemSlots: EmbeddingTable
    var itemSlotBias: [Float]
    /// H_L of the item nodes, shape [items, d].
    var itemHidden: EmbeddingTable
    /// log of the mean over slots of exp(logit), shape [items]: makes shares of logits.
    var itemTimeNorm: [Float]

    func timePart(of item: Int, product: Float, slot: Int) -> Float {
        product + itemSlotBias[slot] - itemTimeNorm[item]
    }
}
