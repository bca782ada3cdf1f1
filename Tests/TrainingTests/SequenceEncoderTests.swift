import Embeddings
import Events
import Glibc
import Models
import Propagation
import Testing
import Training
import Workers

@Suite("sequence encoder")
struct SequenceEncoderTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private static let itemCount = 7
    private static let width = SequenceEncoder.headCount * 2
    private static let lagCount = 6

    /// Random numbers, and three sequences of different lengths.
    private struct World {
        var parameters: SequenceParameters
        let batch: SequenceBatch
        let sequences: [[Int32]] = [[1, 4, 2, 2, 6, 0], [3, 5], [0, 1, 5, 4]]

        init(dropout: Float) {
            var generator = SeededNumbers(seed: 5)
            func numbers(_ rowCount: Int, _ columnCount: Int) -> DenseMatrix {
                DenseMatrix(
                    rowCount: rowCount,
                    columnCount: columnCount,
                    values: (0..<rowCount * columnCount).map { _ in
                        Float.random(in: -1...1, using: &generator)
                    }
                )
            }
            let inner = width * SequenceNet.widthFactor
            parameters = SequenceParameters([
                numbers(itemCount, width),
                numbers(itemCount, width + 1),
                numbers(SequenceEncoder.headCount, lagCount),
                numbers(inner, width),
                numbers(1, inner),
                numbers(width, inner),
                numbers(1, width),
            ])
            batch = SequenceBatch(
                [
                    SequenceBatch.Sequence(sequences[0]),
                    SequenceBatch.Sequence(sequences[1]),
                    SequenceBatch.Sequence(sequences[2], firstTarget: 2),
                ],
                dropout: dropout,
                seed: 9
            )
        }

        func outcome(on pool: WorkerPool) -> SequenceBatch.Outcome {
            batch.outcome(
                parameters,
                softmax: FullSoftmax(
                    itemCount: itemCount,
                    batchSize: 8,
                    dimension: width + 1,
                    tileSize: 4
                ),
                on: pool
            )
        }

        /// With one number of one matrix moved.
        func moved(_ matrix: Int, _ index: Int, by shift: Float) -> World {
            var matrices = parameters.matrices
            var values = matrices[matrix].values
            values[index] += shift
            matrices[matrix] = DenseMatrix(
                rowCount: matrices[matrix].rowCount,
                columnCount: matrices[matrix].columnCount,
                values: values
            )
            var world = self
            world.parameters = SequenceParameters(matrices)
            return world
        }
    }

    @Test(
        "finite differences agree with the slopes of every matrix",
        arguments: [0, 0.5] as [Float]
    )
    func slopes(dropout: Float) {
        let start = World(dropout: dropout)
        let slopes = start.outcome(on: pool).slopes.matrices.map(\.values)
        #expect(slopes.count == 7)
        for (matrix, slopes) in slopes.enumerated() {
            let largest = slopes.map { abs($0) }.max() ?? 0
            #expect(largest > 1e-3, "matrix \(matrix)")
            let width: Float = 1 / 256
            for index in slopes.indices {
                let losses = [width, -width].map {
                    start.moved(matrix, index, by: $0).outcome(on: pool).loss
                }
                let expected = (losses[0] - losses[1]) / Double(2 * width)
                #expect(
                    abs(Double(slopes[index]) - expected) < 0.01 * Double(largest) + 1e-5,
                    "matrix \(matrix), \(index)"
                )
            }
        }
    }

    @Test("the loss is that of asking the encoder after every event")
    func questions() {
        let world = World(dropout: 0)
        let encoder = world.parameters.encoder
        var losses: [Double] = []
        for (sequence, first) in zip(world.sequences, [1, 1, 2]) {
            for place in first..<sequence.count {
                let scores = encoder.scores(
                    after: UserHistory(
                        sequence[..<place].enumerated().map { time, item in
                            UserHistory.Entry(
                                item: item,
                                instant: Instant(secondsSinceEpoch: Int64(time))
                            )
                        }
                    )
                )
                let sum = scores.reduce(0) { $0 + exp(Double($1)) }
                losses.append(log(sum) - Double(scores[Int(sequence[place])]))
            }
        }
        let mean = losses.reduce(0, +) / Double(losses.count)
        #expect(losses.count == 8)
        #expect(abs(world.outcome(on: pool).loss - mean) < 1e-5)
    }

    /// Everybody goes round the items by steps of three; every other user starts in the middle.
    private static func rounds() -> EventTable {
        let items = (0..<24).map { "i\($0)" }
        return EventTable(
            users: Vocabulary((0..<60).map { "u\($0)" }),
            catalogue: ItemTable(
                items: Vocabulary(items),
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: 24),
                place: Array(repeating: nil, count: 24)
            ),
            actions: Vocabulary(["view"]),
            rows: (0..<60 * 20).map { index in
                let (user, place) = (index / 20, index % 20)
                return EventRow(
                    user: Int32(user),
                    item: Int32((user * 5 + place * 3) % 24),
                    instant: Instant(secondsSinceEpoch: Int64(place) * 60 + Int64(user))
                )
            }.sorted { $0.instant < $1.instant }
        )
    }

    private static var settings: ChronotopeSettings {
        var settings = ChronotopeSettings()
        settings.rank = 4
        settings.passCount = 1
        settings.sequenceDimension = 16
        settings.sequenceLength = 8
        settings.sequencePassCount = 60
        settings.sequenceRate = 0.02
        // Nothing else of a model can say what comes next.
        settings.without = Set(ChronotopePart.allCases).subtracting([.sequence])
        return settings
    }

    @Test("learns what comes next; one thread and two give byte-equal tensors, and back again")
    func learns() throws {
        let table = Self.rounds()
        let pair = WorkerPool(name: "pair", threadCount: 2, queueLimit: 1)
        let models = try [pool, pair].map {
            try ChronotopeTraining.fit(table, settings: Self.settings, on: $0)
        }
        let archives = models.map { $0.archive() }
        for (one, two) in zip(
            archives[0].items + archives[0].parameters,
            archives[1].items + archives[1].parameters
        ) {
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
        let loaded = try ChronotopeModel.load(archives[0])
        let encoder = try #require(loaded.encoder)
        var hits = 0
        for first in 0..<24 {
            let history = UserHistory(
                (0..<5).map { place in
                    UserHistory.Entry(
                        item: Int32((first + place * 3) % 24),
                        instant: Instant(secondsSinceEpoch: Int64(place) * 60)
                    )
                }
            )
            let scores = encoder.scores(after: history)
            #expect(scores == models[0].encoder?.scores(after: history))
            let best = scores.indices.max { scores[$0] < scores[$1] }
            if best == (first + 15) % 24 { hits += 1 }
        }
        #expect(hits == 24)
    }

    @Test("an archive whose encoder does not fit is refused by name")
    func refusals() throws {
        let archive = try ChronotopeTraining.fit(Self.rounds(), settings: Self.settings, on: pool)
            .archive()
        let names = [
            SequenceEncoder.inputName, SequenceEncoder.outputName, "sequence.log_kernel",
            "sequence.narrowing",
        ]
        for name in names {
            var broken = archive
            let misfit = Tensor(name, shape: [24, 5], floats: Array(repeating: 0, count: 24 * 5))
            broken.items = broken.items.map { $0.name == name ? misfit : $0 }
            broken.parameters = broken.parameters.map { $0.name == name ? misfit : $0 }
            let error = #expect(throws: ModelError.self) { try ChronotopeModel.load(broken) }
            #expect(error?.code == .badArchive)
        }
    }
}
