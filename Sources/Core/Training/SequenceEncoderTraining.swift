internal import Events
internal import Models
internal import Propagation
internal import Workers

/// Fits a sequence encoder: every event of every sequence is foretold from those before it, by a
/// softmax over all items, Adam and dropout.
struct SequenceEncoderTraining {
    /// Of the numbers that each part of the encoder adds (Srivastava et al. 2014).
    private static let dropout: Float = 0.2
    /// A window takes up this share of the one before it, so that no event is foretold from
    /// nothing for being the first of a window.
    private static let overlapShare = 0.25
    /// Events foretold in one step.
    private static let batchSize = 2_048
    /// Logits of one step: 256 MB.
    private static let maxLogitCount = 64_000_000
    /// Steps until the rate is reached.
    private static let warmUpStepCount = 50.0

    /// Part of a user's sequence.
    private struct Window {
        /// Into `items`.
        var range: Range<Int>
        /// Where in the window the events start that it foretells.
        var firstTarget: Int

        var targetCount: Int { range.count - firstTarget }
    }

    private let settings: ChronotopeSettings
    private let pool: WorkerPool
    private let itemCount: Int
    /// All sequences, one after the other.
    private let items: [Int32]
    private let windows: [Window]
    private let stepSize: Int
    private let softmax: FullSoftmax
    private var parameters: SequenceParameters
    private var optimizers: [EmbeddingOptimizer]
    private var stepCount = 0
    private var generator: SplitMix64

    /// nil where there is nothing to learn, or `settings` ask for none.
    init?(_ table: EventTable, settings: ChronotopeSettings, on pool: WorkerPool) {
        guard settings.sequenceDimension > 0 else { return nil }
        self.settings = settings
        self.pool = pool
        itemCount = table.catalogue.items.count
        (items, windows) = Self.windows(of: table, length: settings.sequenceLength)
        guard !windows.isEmpty else { return nil }
        stepSize = max(
            settings.sequenceLength,
            min(Self.batchSize, Self.maxLogitCount / max(1, itemCount))
        )
        let width = settings.sequenceDimension
        softmax = FullSoftmax(
            itemCount: itemCount,
            batchSize: stepSize,
            dimension: width + 1,
            tileSize: 512
        )
        parameters = SequenceParameters(itemCount: itemCount, settings: settings, on: pool)
        optimizers = parameters.matrices.map { EmbeddingOptimizer(.adam, for: $0) }
        generator = SplitMix64(seed: settings.seed &+ 2)
    }

    /// Every event but a user's first is foretold in one window.
    private static func windows(
        of table: EventTable,
        length: Int
    ) -> (items: [Int32], windows: [Window]) {
        var sequences = [[Int32]](repeating: [], count: table.users.count)
        for row in table.rows { sequences[Int(row.user)].append(row.item) }
        let overlap = max(1, Int(Double(length) * overlapShare))
        var items: [Int32] = []
        var windows: [Window] = []
        for sequence in sequences where sequence.count > 1 {
            let base = items.count
            items += sequence
            var target = 1
            while target < sequence.count {
                let start = max(0, target - overlap)
                let end = min(sequence.count, start + length + 1)
                windows.append(
                    Window(range: base + start..<base + end, firstTarget: target - start)
                )
                target = end
            }
        }
        return (items, windows)
    }

    /// - Parameter step: called after each batch with the share done; false ends training there.
    mutating func run(_ step: (Double) -> Bool) -> SequenceEncoder {
        let targetCount = windows.reduce(0) { $0 + $1.targetCount }
        let total = Double(targetCount * settings.sequencePassCount)
        var foretold = 0
        passes: for _ in 0..<settings.sequencePassCount {
            var batch: [Window] = []
            var size = 0
            for window in windows.shuffled(using: &generator) {
                if size + window.targetCount > stepSize {
                    learn(batch, done: Double(foretold) / total)
                    foretold += size
                    (batch, size) = ([], 0)
                    guard step(Double(foretold) / total) else { break passes }
                }
                batch.append(window)
                size += window.targetCount
            }
            learn(batch, done: Double(foretold) / total)
            foretold += size
        }
        return parameters.encoder
    }

    /// One step of all parameters.
    private mutating func learn(_ windows: [Window], done: Double) {
        let batch = SequenceBatch(
            windows.map { window in
                SequenceBatch.Sequence(Array(items[window.range]), firstTarget: window.firstTarget)
            },
            dropout: Self.dropout,
            seed: generator.next()
        )
        let slopes = batch.outcome(parameters, softmax: softmax, on: pool).slopes
        // The first steps are small; a twentieth of the rate is left at the end.
        stepCount += 1
        let warming = min(1, Double(stepCount) / Self.warmUpStepCount)
        let rate = Float(settings.sequenceRate * warming * (1 - 0.95 * done))
        let (matrices, allSlopes) = (parameters.matrices, slopes.matrices)
        parameters = SequenceParameters(
            matrices.indices.map { index in
                optimizers[index].step(
                    matrices[index],
                    slopes: allSlopes[index],
                    rate: rate,
                    on: pool
                )
            }
        )
    }
}
