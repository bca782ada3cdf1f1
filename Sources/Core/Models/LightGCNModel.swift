package import Embeddings
package import Events
internal import Kernels
internal import Propagation

/// LightGCN (He et al. 2020) with items' embeddings alone, and the spectral filter beside it.
///
/// Embeddings E⁽⁰⁾ of items are learned; users start at zero, so that everything a user is comes
/// over the edges: p_u = d_u^(-1/2) Σ_i r_ui M_i with the messages M_i = d_i^(-1/2) Σ_k α_k (Â^(k−1)
/// E⁽⁰⁾)_i, one gather over the history in the question. A user whom training never saw, and an
/// event that came after it, need no training.
///
/// score(u, i) = cos(p_u, p_i) + w · (the score of the spectral family, over the lengths of the
/// user's vector and of the mean item's): the parts `collaborative`, `low-pass` and `neighbours`.
/// The first two are ranges of columns of the same vectors.
package struct LightGCNModel: IndexedModel {
    package static let family = "lightgcn"

    package enum Part: String, CaseIterable, Sendable {
        case collaborative
        case lowPass = "low-pass"
        case neighbours
    }

    package let catalogue: ItemTable
    package let actions: Vocabulary
    package let settings: LightGCNSettings
    /// Shape [items, d + r]: p_i, then the item's row of the filter.
    package let itemEmbeddings: EmbeddingTable
    /// M, shape [items, d].
    let messages: EmbeddingTable
    /// What turns an item's row of the filter into what its users' vectors are made of, [items].
    let gatherScales: [Float]
    /// The links of the filter, where there are any.
    let neighbours: NeighbourLinks?
    package var scan: ItemScan?

    package var partNames: [String] { Part.allCases.map(\.rawValue) }
    package var trainedStatistics: LiveStatistics { LiveStatistics() }

    init(
        catalogue: ItemTable,
        actions: Vocabulary,
        settings: LightGCNSettings,
        itemEmbeddings: EmbeddingTable,
        messages: EmbeddingTable,
        gatherScales: [Float],
        neighbours: NeighbourLinks?
    ) {
        self.catalogue = catalogue
        self.actions = actions
        self.settings = settings
        self.itemEmbeddings = itemEmbeddings
        self.messages = messages
        self.gatherScales = gatherScales
        self.neighbours = neighbours
    }

    private func columns(of part: Part) -> Range<Int> {
        switch part {
        case .collaborative: 0..<messages.dimension
        case .lowPass: messages.dimension..<itemEmbeddings.dimension
        case .neighbours: 0..<0
        }
    }

    /// A user, of a history alone.
    private struct User {
        /// p_u, then the user's row of the filter, shape [d + r].
        var vector: [Float]
        /// What links are gathered with: items and weights.
        var items: [Int32]
        var weights: [Float]
    }

    /// Zeros for an empty history.
    private func user(of history: UserHistory) -> User {
        let strengths = SpectralModel.strengths(in: history) { settings.weight(ofAction: $0) }
        let degree = strengths.reduce(0) { $0 + Double(abs($1.strength)) }
        let items = strengths.map(\.item)
        let scale = SpectralModel.power(of: degree, -0.5)
        var vector = messages.gather(items, weights: strengths.map { $0.strength * scale })
        if settings.isCosine { Self.scale(&vector, by: Self.inverseLength(of: vector)) }
        guard itemEmbeddings.dimension > messages.dimension else {
            return User(vector: vector, items: [], weights: [])
        }
        var filtered = itemEmbeddings.gather(
            items,
            weights: strengths.map { $0.strength * gatherScales[Int($0.item)] }
        )
        filtered.removeFirst(vector.count)
        let weight = Float(settings.lowPassWeight) * Self.inverseLength(of: filtered)
        Self.scale(&filtered, by: weight)
        return User(
            vector: vector + filtered,
            items: items,
            weights: strengths.map { $0.strength * weight }
        )
    }

    /// 0 for zeros.
    private static func inverseLength(of vector: [Float]) -> Float {
        let square = KernelVariant.best.dot(vector.span, vector.span)
        return square > 0 ? 1 / square.squareRoot() : 0
    }

    private static func scale(_ vector: inout [Float], by factor: Float) {
        for column in vector.indices { vector[column] *= factor }
    }

    package func userEmbedding(of history: UserHistory) -> [Float] { user(of: history).vector }

    package func scores(for question: Question, given statistics: LiveStatistics) -> [Float] {
        let user = askingUser(of: question)
        var scores = itemEmbeddings.products(with: user.vector)
        neighbours?.add(user.items, weights: user.weights, to: &scores[...])
        return scores
    }

    package func search(
        for question: Question,
        given statistics: LiveStatistics
    ) -> ItemSearch {
        let user = askingUser(of: question)
        let sums = neighbours?.sums(user.items, weights: user.weights)
        return ItemSearch(query: user.vector, sums: sums)
    }

    /// One matrix product for all questions.
    package func scores(
        for questions: [Question],
        given statistics: LiveStatistics
    ) -> [Float] {
        let users = questions.map { askingUser(of: $0) }
        let itemCount = itemEmbeddings.rowCount
        var scores = itemEmbeddings.withRows { rows in
            InnerProducts.of(
                users.flatMap(\.vector),
                queryCount: questions.count,
                with: rows,
                dimension: itemEmbeddings.dimension
            )
        }
        for (index, user) in users.enumerated() {
            let range = index * itemCount..<(index + 1) * itemCount
            neighbours?.add(user.items, weights: user.weights, to: &scores[range])
        }
        return scores
    }

    package func parts(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]] {
        let user = askingUser(of: question)
        return itemEmbeddings.withRows { rows in
            items.map { item in
                let start = Int(item) * user.vector.count
                let products = [Part.collaborative, .lowPass].map { part in
                    let columns = columns(of: part)
                    let row = start + columns.lowerBound..<start + columns.upperBound
                    return KernelVariant.best.dot(
                        rows.extracting(row),
                        user.vector.span.extracting(columns)
                    )
                }
                let amount = neighbours?.amount(of: item, user.items, weights: user.weights)
                return products + [amount ?? 0]
            }
        }
    }

    /// Without the parts that are switched off.
    private func askingUser(of question: Question) -> User {
        var user = user(of: question.history)
        for part in Part.allCases where question.switchedOff.contains(part.rawValue) {
            for column in columns(of: part) { user.vector[column] = 0 }
            if part == .neighbours { (user.items, user.weights) = ([], []) }
        }
        return user
    }
}
