/// The choices of a lightgcn model. Stored in its archive's settings under the names of `names`.
///
/// The defaults were chosen on the validation part of `topn-split`, on 4,000 users of it, by a trial
/// program in Python of the same equations; never on a test part. Recall@20 / NDCG@20 of the part
/// `collaborative` alone, softmax, temperature 0.1, two layers, spectral start:
///
///     gowalla-cf    d 64, batch 2,048, rate 0.003, 12 passes      0.1850 / 0.1152
///                   the same, users with rows of their own        +1 % after two passes
///                   d 128, batch 768, rate 0.005, 6 passes        0.1990 / 0.1272
///                   d 128, batch 512, rate 0.006, 8 passes        0.2047 / 0.1316
///     yelp2018-cf   d 64, batch 512, rate 0.006, 4 passes         0.1007 / 0.0770
///                   d 128, batch 1,024, rate 0.0025, 8 passes     0.1062 / 0.0805
///                   temperature 0.2, 4,096 negatives, 10 passes   0.0845 / 0.0615
///
/// All three parts, on gowalla-cf with the collaborative part of 0.1990:
///
///     low-pass weight     0.3: 0.2212 / 0.1453   0.6: 0.2238 / 0.1462   1: 0.2239 / 0.1465
///     hop weight (at 1)   0: 0.2216 / 0.1442     1: 0.2237 / 0.1454     4: 0.2196 / 0.1457
///
/// On yelp2018-cf a low-pass weight of 0.3 without a hop is best, 0.1108 / 0.0838.
///
/// On all users of gowalla-cf, with a trained part of 0.2009 / 0.1306: hop 0.2186 / 0.1458, regressions
/// of weight 1.5 0.2263 / 0.1534.
package struct LightGCNSettings: ModelSettings {
    package static var family: String { LightGCNModel.family }

    package enum Loss: String, CaseIterable, Sendable {
        /// Softmax over all items.
        case softmax
        /// Softmax over the item met and some negatives.
        case sampledSoftmax = "sampled-softmax"
        case bpr
    }

    package enum Optimizer: String, CaseIterable, Sendable {
        case adam
        /// With one sum a row.
        case adagrad
        case gradientDescent = "gradient-descent"
    }

    package enum Start: String, CaseIterable, Sendable {
        /// The leading singular vectors of the normalized user–item matrix.
        case spectral
        /// Normal, of the deviation `start-scale`.
        case normal
        /// Uniform within ±√(6 / (nodes + d)) (Glorot and Bengio 2010).
        case xavier
    }

    /// What items a user did not meet are drawn from.
    package enum Negatives: String, CaseIterable, Sendable {
        case uniform
        /// In proportion to popularity^`popularity-exponent`.
        case popularity
        /// Of the cell of the item met, or of the hour of the week of its events; uniform where
        /// neither is known.
        case hard
    }

    /// d of the trained vectors.
    package var dimension = 128
    /// K, how far the graph carries them.
    package var layerCount = 2
    /// α, one number for each of the K + 1 layers; empty = all 1 / (K + 1).
    package var layerWeights: [Float] = []
    package var loss = Loss.softmax
    /// Whether logits are cosines over the temperature, or inner products over it.
    package var isCosine = true
    /// τ.
    package var temperature = 0.1
    /// A user of n items counts n^this in the loss.
    package var activityExponent = 0.5
    package var negatives = Negatives.uniform
    package var negativeCount = 16
    package var popularityExponent = 0.75
    package var optimizer = Optimizer.adam
    package var learningRate = 0.005
    package var passCount = 10
    /// Passes without a better validation result after which training ends.
    package var patience = 4
    /// Of each user's items, held back to end training early; 0 = none, and all passes are made.
    package var validationShare = 0.0
    /// Users of one step.
    package var batchSize = 512
    package var l1 = 0.0
    package var l2 = 0.0
    package var start = Start.spectral
    /// The deviation that a spectral or normal start is scaled to.
    package var startScale = 0.1
    /// How many singular vectors of the low-pass part there are; 0 = no such part.
    package var lowPassRank = 1_024
    /// How much of a score comes from the low-pass part, beside a trained part of 1.
    package var lowPassWeight = 1.0
    /// How much a link between two items counts in that part, as in the spectral family; 0 = no
    /// links.
    package var linkWeight = 1.5
    package var links = SpectralSettings.Links.regression
    package var seed: UInt64 = 1
    /// The weight of an event, by index of its action; 1 beyond the end; below 0 for dislikes.
    package var actionWeights: [Float] = []

    package init() {}

    /// The names that `set` knows.
    package static let names = [
        "dimension", "layers", "layer-weights", "loss", "cosine", "temperature",
        "activity-exponent", "negatives", "negative-count", "popularity-exponent", "optimizer",
        "learning-rate", "passes", "patience", "validation-share", "batch-size", "l1", "l2",
        "start", "start-scale", "low-pass-rank", "low-pass-weight", "link-weight", "links",
        "seed", "action-weights",
    ]

    package var texts: [String: String] {
        [
            "dimension": "\(dimension)",
            "layers": "\(layerCount)",
            "layer-weights": layerWeights.map { "\($0)" }.joined(separator: " "),
            "loss": loss.rawValue,
            "cosine": "\(isCosine)",
            "temperature": "\(temperature)",
            "activity-exponent": "\(activityExponent)",
            "negatives": negatives.rawValue,
            "negative-count": "\(negativeCount)",
            "popularity-exponent": "\(popularityExponent)",
            "optimizer": optimizer.rawValue,
            "learning-rate": "\(learningRate)",
            "passes": "\(passCount)",
            "patience": "\(patience)",
            "validation-share": "\(validationShare)",
            "batch-size": "\(batchSize)",
            "l1": "\(l1)",
            "l2": "\(l2)",
            "start": start.rawValue,
            "start-scale": "\(startScale)",
            "low-pass-rank": "\(lowPassRank)",
            "low-pass-weight": "\(lowPassWeight)",
            "link-weight": "\(linkWeight)",
            "links": links.rawValue,
            "seed": "\(seed)",
            "action-weights": actionWeights.map { "\($0)" }.joined(separator: " "),
        ]
    }

    package mutating func set(_ name: String, to text: String) throws(ModelError) {
        switch name {
        case "dimension": dimension = try Self.read(text, name, in: 1...1_024)
        case "layers": layerCount = try Self.read(text, name, in: 1...8)
        case "layer-weights": layerWeights = try Self.readWeights(text, name)
        case "loss": loss = try Self.choice(text, name)
        case "cosine": isCosine = try Self.flag(text, name)
        case "temperature": temperature = try Self.read(text, name, in: 1e-3...1e3)
        case "activity-exponent": activityExponent = try Self.read(text, name, in: -2...2)
        case "negatives": negatives = try Self.choice(text, name)
        case "negative-count": negativeCount = try Self.read(text, name, in: 1...1_000)
        case "popularity-exponent": popularityExponent = try Self.read(text, name, in: -2...2)
        case "optimizer": optimizer = try Self.choice(text, name)
        case "learning-rate": learningRate = try Self.read(text, name, in: 1e-6...100)
        case "passes": passCount = try Self.read(text, name, in: 1...10_000)
        case "patience": patience = try Self.read(text, name, in: 1...10_000)
        case "validation-share": validationShare = try Self.read(text, name, in: 0...0.5)
        case "batch-size": batchSize = try Self.read(text, name, in: 1...65_536)
        case "l1": l1 = try Self.read(text, name, in: 0...1)
        case "l2": l2 = try Self.read(text, name, in: 0...1)
        case "start": start = try Self.choice(text, name)
        case "start-scale": startScale = try Self.read(text, name, in: 1e-6...100)
        case "low-pass-rank": lowPassRank = try Self.read(text, name, in: 0...4_096)
        case "low-pass-weight": lowPassWeight = try Self.read(text, name, in: 0...1_000)
        case "link-weight": linkWeight = try Self.read(text, name, in: 0...1_000)
        case "links": links = try Self.choice(text, name)
        case "seed": seed = try Self.read(text, name, in: 0...UInt64.max)
        case "action-weights": actionWeights = try Self.readWeights(text, name)
        default: throw Self.unknown(name)
        }
    }

    /// Refuses settings that do not go together.
    package func check() throws(ModelError) {
        guard layerWeights.isEmpty || layerWeights.count == layerCount + 1 else {
            throw ModelError(
                code: .badArchive,
                place: "layer-weights",
                problem: "\(layerWeights.count) weights for \(layerCount) layers",
                remedy: "give \(layerCount + 1), the first for the vectors themselves, or none"
            )
        }
    }

    var hasNeighbours: Bool { lowPassRank > 0 && linkWeight > 0 }

    /// α, shape [K + 1].
    package var combination: [Float] {
        layerWeights.isEmpty
            ? Array(repeating: 1 / Float(layerCount + 1), count: layerCount + 1) : layerWeights
    }

    /// The weight of one event; actions the model does not know weigh 1.
    func weight(ofAction action: Int16) -> Float {
        actionWeights.indices.contains(Int(action)) ? actionWeights[Int(action)] : 1
    }
}
