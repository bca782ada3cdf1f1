internal import Glibc
package import Propagation

/// The choices of a gcn model. Stored in its archive's settings under the names of `names`.
///
/// The defaults were chosen on the validation part of New York's check-ins (protocol
/// `next-place-sthgcn`, trained on the training part alone, seed 1), never on a test part.
/// acc@1 / acc@10 / MRR there:
///
///     windows 4, label share 0.5, rate 0.01, d 64, half-life 60 d    0.109 / 0.381 / 0.204
///     the same with l2 0.0001                                        0.116 / 0.413 / 0.216
///     windows 16, label share 0.8, rate 0.005, 16 passes             0.151 / 0.477 / 0.263
///     the same with l2 0.0001, item rows started at messages         0.160 / 0.469 / 0.263
///     that with d 128, no half-life, 12 passes                       0.185 / 0.549 / 0.307
///     that with 25 passes                                            0.183 / 0.557 / 0.311
///     popularity                                                     0.007 / 0.039 / 0.019
package struct GCNSettings: ModelSettings {
    package static var family: String { GCNModel.family }

    package enum Optimizer: String, CaseIterable, Sendable {
        case adam
        case gradientDescent = "gradient-descent"
    }

    package var form = GCNLayers.Form.reference
    /// d of every hidden layer.
    package var dimension = 128
    /// L, the number of convolutions.
    package var layerCount = 1
    /// Whether Â is made of A + I.
    package var hasSelfLoops = false
    /// Whether each item with events has a feature of its own, beside those it shares.
    package var hasItemIdentity = true
    package var optimizer = Optimizer.adam
    package var learningRate = 0.005
    package var passCount = 25
    /// Passes without a better validation loss after which training ends.
    package var patience = 6
    /// How much more a positive label counts; taken out of the logits again after training.
    package var positiveWeight = 1.0
    /// λ of the penalty λ/2 · Σ W², on matrices, never on biases.
    package var l2 = 0.0001
    /// After how many days before a user's last event an event weighs half; 0 = never.
    package var halfLifeDays = 0.0
    /// The last share of the events that labels are taken from.
    package var labelShare = 0.8
    /// How many windows, one after the other, the labels are cut into; fewer where they would
    /// span less than a week each.
    package var windowCount = 16
    /// Without a given start of the validation slice: the last share of the events.
    package var validationShare = 0.1
    /// Users of one step.
    package var batchSize = 4_096
    package var seed: UInt64 = 1
    /// The weight of an event, by index of its action; 1 beyond the end; below 0 for dislikes.
    package var actionWeights: [Float] = []

    package init() {}

    /// The names that `set` knows.
    package static let names = [
        "form", "dimension", "layers", "self-loops", "item-identity", "optimizer",
        "learning-rate", "passes", "patience", "positive-weight", "l2", "half-life-days",
        "label-share", "windows", "validation-share", "batch-size", "seed", "action-weights",
    ]

    /// As text, by name; floating-point numbers in the shortest form that reads back exactly.
    package var texts: [String: String] {
        [
            "form": form.rawValue,
            "dimension": "\(dimension)",
            "layers": "\(layerCount)",
            "self-loops": "\(hasSelfLoops)",
            "item-identity": "\(hasItemIdentity)",
            "optimizer": optimizer.rawValue,
            "learning-rate": "\(learningRate)",
            "passes": "\(passCount)",
            "patience": "\(patience)",
            "positive-weight": "\(positiveWeight)",
            "l2": "\(l2)",
            "half-life-days": "\(halfLifeDays)",
            "label-share": "\(labelShare)",
            "windows": "\(windowCount)",
            "validation-share": "\(validationShare)",
            "batch-size": "\(batchSize)",
            "seed": "\(seed)",
            "action-weights": actionWeights.map { "\($0)" }.joined(separator: " "),
        ]
    }

    /// Sets one setting from text. Refuses unknown names, and values out of range.
    package mutating func set(_ name: String, to text: String) throws(ModelError) {
        switch name {
        case "form": form = try Self.choice(text, name)
        case "dimension": dimension = try Self.read(text, name, in: 1...1_024)
        case "layers": layerCount = try Self.read(text, name, in: 1...4)
        case "self-loops": hasSelfLoops = try Self.readFlag(text, name)
        case "item-identity": hasItemIdentity = try Self.readFlag(text, name)
        case "optimizer": optimizer = try Self.choice(text, name)
        case "learning-rate": learningRate = try Self.read(text, name, in: 1e-6...100)
        case "passes": passCount = try Self.read(text, name, in: 1...10_000)
        case "patience": patience = try Self.read(text, name, in: 1...10_000)
        case "positive-weight": positiveWeight = try Self.read(text, name, in: 1e-3...1e6)
        case "l2": l2 = try Self.read(text, name, in: 0...1)
        case "half-life-days": halfLifeDays = try Self.read(text, name, in: 0...100_000)
        case "label-share": labelShare = try Self.read(text, name, in: 0.01...0.99)
        case "windows": windowCount = try Self.read(text, name, in: 1...1_000)
        case "validation-share": validationShare = try Self.read(text, name, in: 0...0.5)
        case "batch-size": batchSize = try Self.read(text, name, in: 1...1_000_000)
        case "seed": seed = try Self.read(text, name, in: 0...UInt64.max)
        case "action-weights": actionWeights = try Self.readWeights(text, name)
        default: throw Self.unknown(name)
        }
    }

    /// Refuses settings that do not go together.
    package func check() throws(ModelError) {
        guard form == .reference || layerCount == 1 else {
            throw ModelError(
                code: .badArchive,
                place: "layers",
                problem: "\(layerCount) layers, and the per-layer form has one",
                remedy: "set layers to 1, or form to reference"
            )
        }
    }

    /// The weight of one event `days` before the user's last one.
    func weight(ofAction action: Int16, daysAgo days: Double) -> Float {
        let own = actionWeights.indices.contains(Int(action)) ? actionWeights[Int(action)] : 1
        return halfLifeDays > 0 ? own * Float(exp2(-days / halfLifeDays)) : own
    }
}
