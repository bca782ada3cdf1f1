/// The choices of a chronotope model. Stored in its archive's settings under the names of `names`.
///
/// The defaults were chosen on the validation part of the Foursquare data of New York (protocol
/// `next-place-sthgcn`), never on a test part.
package struct ChronotopeSettings: ModelSettings {
    package static var family: String { ChronotopeModel.family }

    /// The mixture is learned on the events of so many days before the validation slice.
    package var calibrationDays = 160.0
    /// At most so many events to learn the mixture on, evenly spread over those days.
    package var maxTargets = 20_000
    /// Of the targets that do not end a trajectory, the share to learn from: less than 1 where the
    /// questions will be about ends.
    package var passingShare = 1.0
    /// Passes over them; the best one on the validation slice is kept.
    package var passCount = 6
    package var learningRate = 0.004
    /// Events whose gradients make one step.
    package var batchSize = 32
    /// Pull towards zero of what belongs to a single item or category: the item biases, and what
    /// the last item's category adds to the gates.
    package var biasDecay = 0.01
    /// Dimension of the item embeddings.
    package var rank = 64
    /// Columns of the sequence encoder, a multiple of its 8 heads; 0 = no encoder.
    package var sequenceDimension = 0
    /// How many of the last events it sees.
    package var sequenceLength = 200
    /// Passes over all sequences, and the rate of the first step.
    package var sequencePassCount = 10
    package var sequenceRate = 0.004
    /// The last share of the events, kept from learning to stop early on.
    package var validationShare = 0.1
    /// The actions that are asked for; empty = all of them. Only their events are learned to be
    /// foretold; the others stay in the user's memory.
    package var targetActions: [String] = []
    /// Whether an item may be the answer that already had a target action of the user.
    package var hasRepeats = true
    /// The weight of an event in the user's vector and the graph under it, by index of its action;
    /// 1 beyond the end.
    package var actionWeights: [Float] = []
    /// Whether training asked for users of whom nothing is known, so that the model answers them.
    package var answersWithoutHistory = false
    /// Parts that are left out, of training too: what is each one worth?
    package var without: Set<ChronotopePart> = []
    package var seed: UInt64 = 1

    package init() {}

    package static let names = [
        "calibration-days", "max-targets", "passing-share", "pass-count", "learning-rate",
        "batch-size", "bias-decay", "rank", "sequence-dimension", "sequence-length",
        "sequence-passes", "sequence-rate", "validation-share",
        "target-actions", "repeats",
        "action-weights", "answers-without-history", "without", "seed",
    ]

    /// As text, by name; floating-point numbers in the shortest form that reads back exactly.
    package var texts: [String: String] {
        [
            "calibration-days": "\(calibrationDays)",
            "max-targets": "\(maxTargets)",
            "passing-share": "\(passingShare)",
            "pass-count": "\(passCount)",
            "learning-rate": "\(learningRate)",
            "batch-size": "\(batchSize)",
            "bias-decay": "\(biasDecay)",
            "rank": "\(rank)",
            "sequence-dimension": "\(sequenceDimension)",
            "sequence-length": "\(sequenceLength)",
            "sequence-passes": "\(sequencePassCount)",
            "sequence-rate": "\(sequenceRate)",
            "validation-share": "\(validationShare)",
            "target-actions": targetActions.joined(separator: " "),
            "repeats": "\(hasRepeats)",
            "action-weights": actionWeights.map { "\($0)" }.joined(separator: " "),
            "answers-without-history": "\(answersWithoutHistory)",
            "without": without.map(\.name).sorted().joined(separator: " "),
            "seed": "\(seed)",
        ]
    }

    /// Sets one setting from text. Refuses unknown names, and values out of range.
    package mutating func set(_ name: String, to text: String) throws(ModelError) {
        switch name {
        case "calibration-days": calibrationDays = try Self.read(text, name, in: 0.001...36_500)
        case "max-targets": maxTargets = try Self.read(text, name, in: 1...10_000_000)
        case "passing-share": passingShare = try Self.read(text, name, in: 0...1)
        case "pass-count": passCount = try Self.read(text, name, in: 1...1_000)
        case "learning-rate": learningRate = try Self.read(text, name, in: 1e-6...1)
        case "batch-size": batchSize = try Self.read(text, name, in: 1...256)
        case "bias-decay": biasDecay = try Self.read(text, name, in: 0...100)
        case "rank": rank = try Self.read(text, name, in: 1...1_024)
        case "sequence-dimension":
            sequenceDimension = try Self.read(text, name, in: 0...1_024)
            guard sequenceDimension.isMultiple(of: SequenceEncoder.headCount) else {
                throw ModelError(
                    code: .badArchive,
                    place: name,
                    problem: "'\(text)' is no multiple of \(SequenceEncoder.headCount)",
                    remedy: "use 0 for no encoder, or 64 or 128"
                )
            }
        case "sequence-length": sequenceLength = try Self.read(text, name, in: 1...1_000)
        case "sequence-passes": sequencePassCount = try Self.read(text, name, in: 1...1_000)
        case "sequence-rate": sequenceRate = try Self.read(text, name, in: 1e-6...1)
        case "validation-share": validationShare = try Self.read(text, name, in: 0...0.5)
        case "target-actions": targetActions = text.split(separator: " ").map { String($0) }
        case "repeats": hasRepeats = try Self.readFlag(text, name)
        case "action-weights": actionWeights = try Self.readWeights(text, name)
        case "answers-without-history": answersWithoutHistory = try Self.readFlag(text, name)
        case "without": without = try Self.readParts(text, name)
        case "seed": seed = try Self.read(text, name, in: 0...UInt64.max)
        default: throw Self.unknown(name)
        }
    }

    /// Parts by name, divided by spaces or commas.
    private static func readParts(
        _ text: String,
        _ name: String
    ) throws(ModelError) -> Set<ChronotopePart> {
        var parts: Set<ChronotopePart> = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            guard let part = ChronotopePart.allCases.first(where: { $0.name == word }) else {
                let known = ChronotopePart.allCases.map(\.name).joined(separator: ", ")
                throw ModelError(
                    code: .badArchive,
                    place: name,
                    problem: "'\(word)' is no part of the \(family) family",
                    remedy: "use some of \(known)"
                )
            }
            parts.insert(part)
        }
        return parts
    }
}
