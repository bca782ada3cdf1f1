package import Embeddings
package import Events

/// From what an owner tells of an item to the item's embedding: ŷ = m + W C (S (x − μ)).
///
/// x holds the item's feature vectors, one after the other in the order of their names; S puts every
/// name on one scale; C is a projection on principal components; W and m come from a ridge regression
/// on items with events (Gantner et al., ICDM 2010, map attributes to latent factors in this way). A
/// vector that is missing stands at its mean.
package struct FeatureProjection: Sendable {
    /// A vector of the input.
    package struct Block: Hashable, Sendable {
        package var name: String
        package var length: Int

        package init(name: String, length: Int) {
            self.name = name
            self.length = length
        }
    }

    /// Ascending by name.
    package let blocks: [Block]
    /// μ, shape [features].
    package let mean: [Float]
    /// C S, shape [components, features], row-major.
    package let components: [Float]
    /// W, shape [components, d], row-major.
    package let weights: [Float]
    /// m, shape [d].
    package let intercept: [Float]

    /// d, that of the embeddings.
    package var dimension: Int { intercept.count }
    package var featureCount: Int { mean.count }
    private var componentCount: Int { weights.count / intercept.count }

    package init(
        blocks: [Block],
        mean: [Float],
        components: [Float],
        weights: [Float],
        intercept: [Float]
    ) {
        let componentCount = weights.count / max(1, intercept.count)
        precondition(!intercept.isEmpty, "a projection to embeddings of no dimension")
        precondition(blocks.reduce(0) { $0 + $1.length } == mean.count, "\(mean.count) means")
        precondition(weights.count == componentCount * intercept.count, "\(weights.count) weights")
        precondition(
            components.count == componentCount * mean.count,
            "\(components.count) numbers for \(componentCount) components of \(mean.count)"
        )
        self.blocks = blocks
        self.mean = mean
        self.components = components
        self.weights = weights
        self.intercept = intercept
    }

    /// x − μ, shape [features]; nil where the item has none of the vectors, in their length.
    package func deviations(of features: [FeatureVector]) -> [Float]? {
        Self.layOut(features, blocks: blocks)?.enumerated().map { index, value in
            value.map { $0 - mean[index] } ?? 0
        }
    }

    /// The item's embedding, shape [d]; nil where it has none of the vectors, in their length.
    ///
    /// - Complexity: O(components · (features + d)).
    package func embedding(of features: [FeatureVector]) -> [Float]? {
        guard let deviations = deviations(of: features) else { return nil }
        var embedding = intercept
        for component in 0..<componentCount {
            let start = component * featureCount
            var score: Float = 0
            for index in 0..<featureCount { score += components[start + index] * deviations[index] }
            let row = component * dimension
            for index in 0..<dimension { embedding[index] += score * weights[row + index] }
        }
        return embedding
    }

    /// The numbers of the blocks one after the other, nil where a vector is missing; nil where all
    /// are.
    package static func layOut(_ features: [FeatureVector], blocks: [Block]) -> [Float?]? {
        var numbers: [Float?] = []
        var isEmpty = true
        for block in blocks {
            let vector = features.first { $0.name == block.name && $0.values.count == block.length }
            if let vector {
                numbers += vector.values.map { $0 }
                isEmpty = false
            } else {
                numbers += Array(repeating: nil, count: block.length)
            }
        }
        return isEmpty ? nil : numbers
    }
}

// In a version: features.safetensors with `features.name` (strings), `features.length` (I32),
// `features.mean`, `features.components`, `features.weights` and `features.intercept` (F32).
extension FeatureProjection {
    private static let nameName = "features.name"
    private static let lengthName = "features.length"
    private static let meanName = "features.mean"
    private static let componentsName = "features.components"
    private static let weightsName = "features.weights"
    private static let interceptName = "features.intercept"

    package var tensors: [Tensor] {
        StringColumn(Self.nameName, blocks.map(\.name)).tensors + [
            Tensor(
                Self.lengthName,
                shape: [blocks.count],
                int32s: blocks.map { Int32($0.length) }
            ),
            Tensor(Self.meanName, shape: [featureCount], floats: mean),
            Tensor(
                Self.componentsName,
                shape: [componentCount, featureCount],
                floats: components
            ),
            Tensor(Self.weightsName, shape: [componentCount, dimension], floats: weights),
            Tensor(Self.interceptName, shape: [dimension], floats: intercept),
        ]
    }

    /// - Parameter dimension: of the embeddings that it leads to.
    package init(from tensors: [Tensor], dimension: Int) throws(ModelError) {
        let names = try tensors.strings(Self.nameName)
        let lengths = try tensors.part(Self.lengthName, .int32, shape: [names.count]).int32s()
        let count = lengths.reduce(0) { $0 + Int($1) }
        guard lengths.allSatisfy({ $0 > 0 }), count <= EventLimits.maxFeatureValues else {
            throw ModelError(badTensor: Self.lengthName, "\(lengths) are no lengths of vectors")
        }
        let components = try tensors.part(Self.componentsName, .float32, shape: [nil, count])
        let shape = [components.shape[0], dimension]
        self.init(
            blocks: zip(names, lengths).map { Block(name: $0, length: Int($1)) },
            mean: try tensors.part(Self.meanName, .float32, shape: [count]).floats(),
            components: components.floats(),
            weights: try tensors.part(Self.weightsName, .float32, shape: shape).floats(),
            intercept: try tensors.part(Self.interceptName, .float32, shape: [dimension]).floats()
        )
    }
}
