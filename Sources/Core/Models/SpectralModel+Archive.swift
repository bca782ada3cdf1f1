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
            ] + (neighbours?.tensors ?? []),
            settings: settings.texts
        )
    }

    package static func load(_ archive: ModelArchive) throws(ModelError) -> SpectralModel {
        let catalogue = try ItemTable(from: archive.items)
        let count = catalogue.items.count
        let embeddings = try archive.items.embeddings(embeddingName, rowCount: count)
        let scales = try archive.parameters.part(gatherName, .float32, shape: [count]).floats()
        let settings = try SpectralSettings(texts: archive.settings)
        return SpectralModel(
            catalogue: catalogue,
            actions: try Vocabulary(archive.parameters, column: actionsName),
            settings: settings,
            itemEmbeddings: embeddings,
            gatherScales: scales,
            neighbours: settings.linkWeight > 0
                ? try NeighbourLinks(from: archive.parameters, itemCount: count) : nil,
            trainedStatistics: LiveStatistics()
        )
    }
}
