package import Embeddings
package import Events
internal import Kernels

/// A family that can score an item by an embedding alone: one that has no events, or came after the
/// training.
package protocol FeatureModel: RecommenderModel {
    /// The same model with other item embeddings, shape as `itemEmbeddings`.
    func replacingItemEmbeddings(_ table: EmbeddingTable) -> Self

    /// The exact parts of the scores of items that training never saw, shape
    /// [items.count][partNames.count]: what the model says of items of these embeddings, categories
    /// and places that nobody has done anything with.
    func parts(
        ofUntrained items: [UntrainedItem],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]]
}

/// An item outside a model's catalogue, in the model's terms.
package struct UntrainedItem: Sendable {
    /// Row of the model's `CatalogueIndex`: that of no category where the model lacks the item's.
    let category: Int32
    /// Row of the same: that of no place where no trained item is in the cell.
    let cell: Int32
    /// As in the same.
    let point: SIMD4<Float>
    /// Shape [d], from the item's features.
    package let embedding: [Float]

    package init(
        category name: String,
        place: Place?,
        embedding: [Float],
        in model: any RecommenderModel
    ) {
        let index = model.trainedStatistics.catalogue
        let known = model.catalogue.categories.index(of: name)
        category =
            known.flatMap { index.hasCategory($0) ? $0 : nil }
            ?? Int32(index.categoryRowCount - 1)
        cell = index.cellRow(of: place)
        point = place.map(CatalogueIndex.point(of:)) ?? .zero
        self.embedding = embedding
    }
}

extension SpectralModel: FeatureModel {
    package func replacingItemEmbeddings(_ table: EmbeddingTable) -> SpectralModel {
        SpectralModel(
            catalogue: catalogue,
            actions: actions,
            settings: settings,
            itemEmbeddings: table,
            gatherScales: gatherScales,
            neighbours: neighbours,
            trainedStatistics: trainedStatistics
        )
    }

    package func parts(
        ofUntrained items: [UntrainedItem],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]] {
        let query = query(of: question)
        return items.map { [KernelVariant.best.dot($0.embedding.span, query.span)] }
    }
}
