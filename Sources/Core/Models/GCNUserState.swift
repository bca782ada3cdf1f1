internal import Embeddings
internal import Glibc
internal import Kernels

/// How a gcn model computes a user's hidden vector from a history: the convolutions of one node
/// over stored messages of its neighbours. No user is stored.
struct GCNUserState: Sendable {
    /// What neighbours send in one convolution, Hₗ₋₁·Wₗ, and what a user does with it.
    struct Layer: Sendable {
        /// Shape [items + 168, d]: items, then hours of the week.
        var messages: EmbeddingTable
        /// bₗ, shape [d]; zeros in the per-layer form.
        var bias: [Float]
        /// Wₗ, shape [d, d], for the user's own message over the self-loop; empty where the
        /// message is the state itself, and without self-loops.
        var weights: [Float]
    }

    /// The last convolution alone where there are no self-loops: a user's own states before it
    /// then reach nobody.
    var layers: [Layer]
    /// D^(-1/2) of items and hours, shape [items + 168].
    var scales: [Float]
    /// H₀ of a user is row 0 + row 1 · the degree feature, shape [2, d]; empty without self-loops.
    var start: [Float]
    var settings: GCNSettings
    var itemCount: Int

    var dimension: Int { layers[0].bias.count }

    /// H_L of the user, shape [d].
    func vector(of history: UserHistory) -> [Float] {
        let edges = GCNUserEdges(history, itemCount: itemCount, settings: settings)
        let degree = edges.degree + (settings.hasSelfLoops ? 1 : 0)
        let ownScale = degree > 0 ? 1 / degree.squareRoot() : 0
        let weights = zip(edges.neighbours, edges.weights).map { neighbour, weight in
            // A neighbour without edges in the graph has this one.
            let scale = scales[Int(neighbour)]
            return weight * ownScale * (scale > 0 ? scale : 1 / abs(weight).squareRoot())
        }
        var own = ownStart(degree: edges.degree)
        for layer in layers {
            var sums = [Float](repeating: 0, count: dimension)
            layer.messages.withRows { rows in
                var output = sums.mutableSpan
                KernelVariant.best.gather(
                    columns: edges.neighbours.span,
                    weights: weights.span,
                    input: rows,
                    output: &output
                )
            }
            if settings.hasSelfLoops {
                let message = Self.message(of: own, through: layer.weights)
                for column in sums.indices { sums[column] += message[column] / degree }
            }
            for column in sums.indices { sums[column] = max(0, sums[column] + layer.bias[column]) }
            own = sums
        }
        return own
    }

    private func ownStart(degree: Float) -> [Float] {
        let activity = GCNFeatures.activity(ofDegree: degree)
        return start.isEmpty
            ? [] : (0..<dimension).map { start[$0] + activity * start[dimension + $0] }
    }

    private static func message(of state: [Float], through weights: [Float]) -> [Float] {
        guard !weights.isEmpty else { return state }
        var message = [Float](repeating: 0, count: state.count)
        for (row, value) in state.enumerated() {
            for column in message.indices {
                message[column] += value * weights[row * state.count + column]
            }
        }
        return message
    }
}
