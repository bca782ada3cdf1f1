internal import Embeddings
internal import Events

extension LightGCNModel {
    private static let embeddingName = "items.embedding"
    private static let actionsName = "actions.id"
    private static let messageName = "items.message"
    private static let gatherName = "items.gather_scale"

    package func archive() -> ModelArchive {
        ModelArchive(
            family: Self.family,
            items: catalogue.tensors + [itemEmbeddings.tensor.named(Self.embeddingName)],
            parameters: StringColumn(Self.actionsName, actions.ids).tensors + [
                messages.tensor.named(Self.messageName),
                Tensor(Self.gatherName, shape: [gatherScales.count], floats: gatherScales),
            ] + (neighbours?.tensors ?? []),
            settings: settings.texts
        )
    }

    package static func load(_ archive: ModelArchive) throws(ModelError) -> LightGCNModel {
        let catalogue = try ItemTable(from: archive.items)
        let count = catalogue.items.count
        let embeddings = try archive.items.embeddings(embeddingName, rowCount: count)
        let messages = try archive.parameters.embeddings(messageName, rowCount: count)
        guard messages.dimension <= embeddings.dimension else {
            throw ModelError(
                badTensor: messageName,
                "its rows have \(messages.dimension) elements, the items' \(embeddings.dimension)"
            )
        }
        let scales = try archive.parameters.part(gatherName, .float32, shape: [count]).floats()
        let settings = try LightGCNSettings(texts: archive.settings)
        try settings.check()
        return LightGCNModel(
            catalogue: catalogue,
            actions: try Vocabulary(archive.parameters, column: actionsName),
            settings: settings,
            itemEmbeddings: embeddings,
            messages: messages,
            gatherScales: scales,
            neighbours: settings.hasNeighbours
                ? try NeighbourLinks(from: archive.parameters, itemCount: count) : nil
        )
    }
}
