/// Numbers that the caller knows of an item: the embedding of its text, image or sound, or any other
/// measurements.
package struct FeatureVector: Hashable, Sendable {
    /// What they are of, and by which encoder: `text`, `image-clip-2`. All vectors of one name have
    /// one length.
    package var name: String
    /// At least one, all finite.
    package var values: [Float]

    package init(name: String, values: [Float]) {
        self.name = name
        self.values = values
    }
}

extension EventLimits {
    /// Of one item.
    package static let maxFeatureVectors = 8
    /// Numbers in all vectors of an item together: 8 KiB. The embeddings in common use have 256 to
    /// 1,536.
    package static let maxFeatureValues = 2_048

    /// One problem at most.
    package static func problems(
        features: [FeatureVector],
        field: String = "features"
    ) -> [FieldProblem] {
        if features.isEmpty { return [] }
        let count = features.reduce(0) { $0 + $1.values.count }
        guard features.count <= maxFeatureVectors, count <= maxFeatureValues else {
            return [
                FieldProblem(
                    rule: .tooMany,
                    field: field,
                    reason: "holds more than \(maxFeatureVectors) vectors or "
                        + "\(maxFeatureValues) numbers",
                    remedy: "send the most useful ones, or shorter embeddings"
                )
            ]
        }
        for feature in features {
            let found = problems(text: feature.name, field: field, isRequired: true)
            if let first = found.first {
                return [
                    FieldProblem(
                        rule: first.rule,
                        field: field,
                        reason: "holds a vector whose name \(first.reason)",
                        remedy: first.remedy
                    )
                ]
            }
        }
        guard Set(features.map(\.name)).count == features.count else {
            return [
                FieldProblem(
                    field: field,
                    reason: "holds two vectors of one name",
                    remedy: "give each vector of an item a name of its own"
                )
            ]
        }
        guard features.allSatisfy({ !$0.values.isEmpty }) else {
            return [
                FieldProblem(
                    rule: .empty,
                    field: field,
                    reason: "holds a vector without numbers",
                    remedy: "leave the vector out where there is none"
                )
            ]
        }
        guard features.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
            return [
                FieldProblem(
                    field: field,
                    reason: "holds a number that is infinite or no number",
                    remedy: "mend the encoder, or leave the vector out"
                )
            ]
        }
        return []
    }
}
