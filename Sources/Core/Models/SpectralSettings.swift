/// The choices of a spectral model. Stored in its archive's settings under the names of `names`.
///
/// The defaults were chosen on a validation slice, a fifth of each user's training items of the
/// Gowalla data at random (protocol `topn-split`, validation part), never on a test part.
/// Recall@20 / NDCG@20 there, other settings as below but rank 800 where none is said:
///
///     rank             512: 0.2022 / 0.1332   800: 0.2093 / 0.1390
///                     1024: 0.2118 / 0.1415  1100: 0.2119 / 0.1417
///     user exponent    0.2: 0.2031 / 0.1358   0.35: 0.2093 / 0.1390   0.5: 0.1995 / 0.1316
///     filter exponent  0.0: 0.2116 / 0.1421   0.3: 0.2118 / 0.1415    0.6: 0.2109 / 0.1401
///                     (rank 1024)
///
/// Regressions alone, without a filter, on all users; others of the user exponent 0.5 and λ = 20:
///
///     150 items, exponent 0.25, λ = 40: 0.2156 / 0.1472   0.5, 20: 0.2149 / 0.1461
///     400 items: 0.2153 / 0.1457
package struct SpectralSettings: ModelSettings {
    package static var family: String { SpectralModel.family }

    /// What the items of a history say of other items, beside the filter.
    package enum Links: String, CaseIterable, Sendable {
        /// Each item's ridge regression on those that share the most with it.
        case regression
        /// One hop over the normalized graph.
        case hop
    }

    /// How many singular vectors the filter lets through: the embedding's dimension. More than
    /// 1,024 cost more than they gave.
    package var rank = 1_024
    /// γ: how far a user's activity is taken out, D_u^(-γ). 0 = not at all, 1 = wholly.
    package var userExponent = 0.35
    /// How far an item's popularity is taken out of the graph and put back into the score.
    package var itemExponent = 0.5
    /// p of the filter f(σ) = σ^p; 0 = an ideal low pass.
    package var filterExponent = 0.3
    package var oversampling = 32
    package var powerIterations = 3
    /// w: how much a link between two items counts beside the filter; 0 = no links.
    package var linkWeight = 0.0
    package var links = Links.regression
    /// How many others each item is foretold from.
    package var regressionCount = 150
    /// λ of the regressions.
    package var regressionRidge = 40.0
    /// How far activity is taken out of the regressions: a user of n items counts n^(-this).
    package var regressionUserExponent = 0.25
    /// How many neighbours each item keeps in the hop.
    package var hopCount = 400
    /// How far activity is taken out of the hop: a user of n items speaks n^(-this) for each pair.
    package var hopUserExponent = 1.0
    /// How far popularity is taken out of the items that the hop leads to.
    package var hopItemExponent = 0.4
    package var seed: UInt64 = 1
    /// The weight of an event, by index of its action; 1 beyond the end; below 0 for dislikes.
    package var actionWeights: [Float] = []

    package init() {}

    /// The names that `set` knows, apart from the action weights.
    package static let names = [
        "rank", "user-exponent", "item-exponent", "filter-exponent", "oversampling",
        "power-iterations", "link-weight", "links", "regression-count", "regression-ridge",
        "regression-user-exponent", "hop-count", "hop-user-exponent", "hop-item-exponent",
        "seed", "action-weights",
    ]

    /// As text, by name; floating-point numbers in the shortest form that reads back exactly.
    package var texts: [String: String] {
        [
            "rank": "\(rank)",
            "user-exponent": "\(userExponent)",
            "item-exponent": "\(itemExponent)",
            "filter-exponent": "\(filterExponent)",
            "oversampling": "\(oversampling)",
            "power-iterations": "\(powerIterations)",
            "link-weight": "\(linkWeight)",
            "links": links.rawValue,
            "regression-count": "\(regressionCount)",
            "regression-ridge": "\(regressionRidge)",
            "regression-user-exponent": "\(regressionUserExponent)",
            "hop-count": "\(hopCount)",
            "hop-user-exponent": "\(hopUserExponent)",
            "hop-item-exponent": "\(hopItemExponent)",
            "seed": "\(seed)",
            "action-weights": actionWeights.map { "\($0)" }.joined(separator: " "),
        ]
    }

    /// Sets one setting from text. Refuses unknown names, and values out of range.
    package mutating func set(_ name: String, to text: String) throws(ModelError) {
        switch name {
        case "rank": rank = try Self.read(text, name, in: 1...4_096)
        case "user-exponent": userExponent = try Self.read(text, name, in: 0...2)
        case "item-exponent": itemExponent = try Self.read(text, name, in: 0...2)
        case "filter-exponent": filterExponent = try Self.read(text, name, in: -2...4)
        case "oversampling": oversampling = try Self.read(text, name, in: 0...1_024)
        case "power-iterations": powerIterations = try Self.read(text, name, in: 0...100)
        case "link-weight": linkWeight = try Self.read(text, name, in: 0...1_000)
        case "links": links = try Self.choice(text, name)
        case "regression-count": regressionCount = try Self.read(text, name, in: 1...2_000)
        case "regression-ridge": regressionRidge = try Self.read(text, name, in: 1e-3...1e6)
        case "regression-user-exponent":
            regressionUserExponent = try Self.read(text, name, in: 0...2)
        case "hop-count": hopCount = try Self.read(text, name, in: 1...10_000)
        case "hop-user-exponent": hopUserExponent = try Self.read(text, name, in: 0...2)
        case "hop-item-exponent": hopItemExponent = try Self.read(text, name, in: 0...2)
        case "seed": seed = try Self.read(text, name, in: 0...UInt64.max)
        case "action-weights": actionWeights = try Self.readWeights(text, name)
        default: throw Self.unknown(name)
        }
    }

    /// The weight of one event; actions the model does not know weigh 1.
    func weight(ofAction action: Int16) -> Float {
        actionWeights.indices.contains(Int(action)) ? actionWeights[Int(action)] : 1
    }
}
