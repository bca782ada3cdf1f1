internal import Embeddings
package import Models
package import Propagation

/// Steps a graph convolution's parameters against their gradient: plain gradient descent,
/// W ← W − rate · ∂loss/∂W, or Adam (Kingma and Ba 2015) with a state for each parameter.
package struct GCNOptimizer: Sendable {
    private var adam: [AdamOptimizer]

    package init(_ kind: GCNSettings.Optimizer, for layers: GCNLayers) {
        adam =
            kind == .adam ? layers.parameters.map { AdamOptimizer(count: $0.values.count) } : []
    }

    /// - Parameter gradient: as long as the parameters, in their order.
    package mutating func step(_ layers: inout GCNLayers, gradient: [[Float]], rate: Float) {
        for index in layers.parameters.indices {
            if adam.isEmpty {
                for position in gradient[index].indices {
                    layers.parameters[index].values[position] -= rate * gradient[index][position]
                }
            } else {
                adam[index].step(
                    &layers.parameters[index].values,
                    gradient: gradient[index],
                    rate: rate
                )
            }
        }
    }
}

extension GCNOptimizer {
    /// For a checkpoint; none for plain gradient descent.
    var tensors: [Tensor] {
        adam.enumerated().flatMap { $0.element.tensors("adam.\($0.offset)") }
    }

    mutating func restore(from state: CheckpointState) throws(ModelError) {
        for index in adam.indices { try adam[index].restore("adam.\(index)", from: state) }
    }
}
