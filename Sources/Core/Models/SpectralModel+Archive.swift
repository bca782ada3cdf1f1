internal import Embeddings
internal import Events

extension SpectralModel {
    private static let embeddingName = "items.embedding"
    private static let actionsName = "actions.id"
    private static let gatherName = "items.gather_scale"

    package func archive() -> ModelArchive {
        ModelArchive(
            family: Self.family,
            items: catalogue.tensors + [itemEmbeddings.tensor.named(Self.embeddingName)],
            parameters: StringColumn(Self.actionsName, actions.ids).tensors + [
                Tensor(Self.gatherName, shape: [gatherScales.count], floats: gatherScales)
            ],
            settings: settings.texts
        )
    }

    package static func load(_ archive: ModelArchive) throws(ModelError) -> SpectralModel {
        let catalogue = try ItemTable(from: archive.items)
        let count = catalogue.items.count
        let embeddings = try archive.items.embeddings(embeddingName, rowCount: count)
        let scales = try archive.parameters.part(gatherName, .float32, shape: [count]).floats()
        return SpectralModel(
            catalogue: catalogue,
            actions: try Vocabulary(archive.parameters, column: actionsName),
            settings: try SpectralSettings(texts: archive.settings),
            itemEmbeddings: embeddings,
            gatherScales: scales,
            trainedStatistics: LiveStatistics()
        )
    }
}
