internal import Embeddings
internal import Models

extension MixtureTraining {
    /// Everything that the next pass depends on; blocks rewind at its start.
    var state: [Tensor] {
        var tensors: [Tensor] = [
            .integer(CheckpointState.passName, pass),
            Tensor("best.loss", shape: [bestLoss.count], doubles: bestLoss),
        ]
        for head in parameters.indices {
            tensors += [
                Tensor("head.\(head)", shape: [parameters[head].count], floats: parameters[head]),
                Tensor("best.head.\(head)", shape: [best[head].count], floats: best[head]),
            ]
            tensors += optimizers[head].tensors("adam.\(head)")
        }
        return tensors
    }

    mutating func restore(_ state: CheckpointState) throws(ModelError) {
        pass = try state.integer(CheckpointState.passName)
        bestLoss = try state.doubles("best.loss", count: bestLoss.count)
        for head in parameters.indices {
            let count = parameters[head].count
            parameters[head] = try state.floats("head.\(head)", count: count)
            best[head] = try state.floats("best.head.\(head)", count: count)
            try optimizers[head].restore("adam.\(head)", from: state)
        }
    }
}
