internal import Embeddings
internal import Events
internal import Propagation

extension GCNModel {
    private static let embeddingName = "items.embedding"
    private static let actionsName = "actions.id"
    private static let biasName = "items.bias"
    private static let userSlotsName = "users.slot_weight"
    private static let userSlotBiasName = "users.slot_bias"
    private static let itemSlotsName = "items.slot_weight"
    private static let itemSlotBiasName = "items.slot_bias"
    private static let itemHiddenName = "items.hidden"
    private static let timeNormName = "items.time_norm"
    private static let scalesName = "neighbours.scale"
    private static let startName = "users.start"
    private static func messagesName(_ layer: Int) -> String { "neighbours.message_\(layer)" }
    private static func hiddenBiasName(_ layer: Int) -> String { "hidden.bias_\(layer)" }
    private static func hiddenWeightName(_ layer: Int) -> String { "hidden.weight_\(layer)" }

    package func archive() -> ModelArchive {
        var parameters =
            StringColumn(Self.actionsName, actions.ids).tensors + [
                Self.vector(Self.biasName, outputs.itemBias),
                outputs.userSlots.tensor.named(Self.userSlotsName),
                Self.vector(Self.userSlotBiasName, outputs.userSlotBias),
                outputs.itemSlots.tensor.named(Self.itemSlotsName),
                Self.vector(Self.itemSlotBiasName, outputs.itemSlotBias),
                outputs.itemHidden.tensor.named(Self.itemHiddenName),
                Self.vector(Self.timeNormName, outputs.itemTimeNorm),
                Self.vector(Self.scalesName, users.scales),
                Self.vector(Self.startName, users.start),
            ]
        for (index, layer) in users.layers.enumerated() {
            parameters += [
                layer.messages.tensor.named(Self.messagesName(index)),
                Self.vector(Self.hiddenBiasName(index), layer.bias),
                Self.vector(Self.hiddenWeightName(index), layer.weights),
            ]
        }
        return ModelArchive(
            family: Self.family,
            items: catalogue.tensors + [itemEmbeddings.tensor.named(Self.embeddingName)],
            parameters: parameters,
            settings: settings.texts
        )
    }

    package static func load(_ archive: ModelArchive) throws(ModelError) -> GCNModel {
        let catalogue = try ItemTable(from: archive.items)
        let count = catalogue.items.count
        let embeddings = try archive.items.embeddings(embeddingName, rowCount: count)
        let settings = try GCNSettings(texts: archive.settings)
        try settings.check()
        return GCNModel(
            catalogue: catalogue,
            actions: try Vocabulary(archive.parameters, column: actionsName),
            settings: settings,
            itemEmbeddings: embeddings,
            users: try users(
                archive.parameters,
                settings: settings,
                itemCount: count,
                dimension: embeddings.dimension
            ),
            outputs: try outputs(
                archive.parameters,
                itemCount: count,
                dimension: embeddings.dimension
            )
        )
    }

    private static func users(
        _ tensors: [Tensor],
        settings: GCNSettings,
        itemCount: Int,
        dimension: Int
    ) throws(ModelError) -> GCNUserState {
        var layers: [GCNUserState.Layer] = []
        let hasOwn = settings.hasSelfLoops && settings.form == .reference
        for layer in 0..<(settings.hasSelfLoops ? settings.layerCount : 1) {
            layers.append(
                GCNUserState.Layer(
                    messages: try table(
                        tensors,
                        messagesName(layer),
                        rowCount: itemCount + TimeSlot.count,
                        dimension: dimension
                    ),
                    bias: try floats(tensors, hiddenBiasName(layer), count: dimension),
                    weights: try floats(
                        tensors,
                        hiddenWeightName(layer),
                        count: hasOwn ? dimension * dimension : 0
                    )
                )
            )
        }
        return GCNUserState(
            layers: layers,
            scales: try floats(tensors, scalesName, count: itemCount + TimeSlot.count),
            start: try floats(
                tensors,
                startName,
                count: settings.hasSelfLoops ? 2 * dimension : 0
            ),
            settings: settings,
            itemCount: itemCount
        )
    }

    private static func outputs(
        _ tensors: [Tensor],
        itemCount: Int,
        dimension: Int
    ) throws(ModelError) -> GCNOutputs {
        let slots = TimeSlot.count
        return GCNOutputs(
            itemBias: try floats(tensors, biasName, count: itemCount),
            userSlots: try table(tensors, userSlotsName, rowCount: slots, dimension: dimension),
            userSlotBias: try floats(tensors, userSlotBiasName, count: slots),
            itemSlots: try table(tensors, itemSlotsName, rowCount: slots, dimension: dimension),
            itemSlotBias: try floats(tensors, itemSlotBiasName, count: slots),
            itemHidden: try table(
                tensors,
                itemHiddenName,
                rowCount: itemCount,
                dimension: dimension
            ),
            itemTimeNorm: try floats(tensors, timeNormName, count: itemCount)
        )
    }

    private static func vector(_ name: String, _ floats: [Float]) -> Tensor {
        Tensor(name, shape: [floats.count], floats: floats)
    }

    private static func floats(
        _ tensors: [Tensor],
        _ name: String,
        count: Int
    ) throws(ModelError) -> [Float] {
        try tensors.part(name, .float32, shape: [count]).floats()
    }

    private static func table(
        _ tensors: [Tensor],
        _ name: String,
        rowCount: Int,
        dimension: Int
    ) throws(ModelError) -> EmbeddingTable {
        let table = try tensors.embeddings(name, rowCount: rowCount)
        guard table.dimension == dimension else {
            throw ModelError(
                badTensor: name,
                "rows of \(table.dimension) numbers, expected \(dimension)"
            )
        }
        return table
    }
}
