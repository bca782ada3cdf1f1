internal import Embeddings
internal import Events

extension ChronotopeModel {
    private static let embeddingName = "items.embedding"
    private static let gatherName = "items.gather_scale"
    private static let actionsName = "actions.id"
    private static let givenName = "head.time_given"
    private static let hiddenName = "head.time_hidden"

    package func archive() -> ModelArchive {
        let (first, second) = (given.parameters, hidden.parameters)
        return ModelArchive(
            family: Self.family,
            items: catalogue.tensors + [embeddings.table.tensor.named(Self.embeddingName)]
                + (embeddings.encoder?.itemTensors ?? []),
            parameters: StringColumn(Self.actionsName, actions.ids).tensors + [
                Tensor(
                    Self.gatherName,
                    shape: [embeddings.gatherScales.count],
                    floats: embeddings.gatherScales
                ),
                Tensor(Self.givenName, shape: [first.count], floats: first),
                Tensor(Self.hiddenName, shape: [second.count], floats: second),
            ] + (embeddings.encoder?.parameterTensors ?? []) + trainedStatistics.tensors,
            settings: settings.texts
        )
    }

    package static func load(_ archive: ModelArchive) throws(ModelError) -> ChronotopeModel {
        let catalogue = try ItemTable(from: archive.items)
        let count = catalogue.items.count
        let index = CatalogueIndex(catalogue)
        let shape = [ChronotopeHead.parameterCount(index)]
        let given = try archive.parameters.part(givenName, .float32, shape: shape).floats()
        let hidden = try archive.parameters.part(hiddenName, .float32, shape: shape).floats()
        let settings = try ChronotopeSettings(texts: archive.settings)
        let scales = try archive.parameters.part(gatherName, .float32, shape: [count]).floats()
        return ChronotopeModel(
            catalogue: catalogue,
            actions: try Vocabulary(archive.parameters, column: actionsName),
            settings: settings,
            given: ChronotopeHead(parameters: given, itemCount: count),
            hidden: ChronotopeHead(parameters: hidden, itemCount: count),
            embeddings: ChronotopeEmbeddings(
                table: try archive.items.embeddings(embeddingName, rowCount: count),
                gatherScales: scales,
                actionWeights: settings.actionWeights,
                encoder: settings.sequenceDimension > 0
                    ? try SequenceEncoder(archive, itemCount: count) : nil
            ),
            trainedStatistics: try LiveStatistics(from: archive.parameters, catalogue: index)
        )
    }
}
