import Glibc
import Graphs
import Propagation
import Testing
import Workers

@Suite("losses over inner products")
struct PairLossTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    private struct World {
        var users: DenseMatrix
        var items: DenseMatrix
        let targets: CSRMatrix
        let samples: PairSamples

        /// - Parameter scale: of the vectors: at 6 logits are tens apart.
        init(seed: UInt64, itemCount: Int, scale: Double = 1) {
            var generator = SplitMix64(seed: seed)
            func matrix(_ rowCount: Int) -> DenseMatrix {
                let values = (0..<rowCount * 3).map { _ in
                    Float(scale * (generator.nextUniform() * 2 - 1))
                }
                return DenseMatrix(rowCount: rowCount, columnCount: 3, values: values)
            }
            users = matrix(5)
            items = matrix(itemCount)
            var entries: [CSRMatrix.Entry] = []
            for user in 0..<Int32(5) {
                for _ in 0..<user + 1 {
                    let item = Int32.random(in: 0..<Int32(itemCount), using: &generator)
                    let value = Float(generator.nextUniform())
                    entries.append(CSRMatrix.Entry(row: user, column: item, value: value))
                }
            }
            targets = CSRMatrix(rowCount: 5, columnCount: itemCount, entries: entries)
            var samples = PairSamples(negativeCount: 3)
            for entry in entries {
                samples.users.append(entry.row)
                samples.positives.append(entry.column)
                samples.weights.append(entry.value)
                for _ in 0..<3 {
                    samples.negatives.append(
                        Int32.random(in: 0..<Int32(itemCount), using: &generator)
                    )
                    samples.corrections.append(Float(generator.nextUniform()))
                }
            }
            self.samples = samples
        }

        /// The same loss from its formula, in Double.
        func expected(_ kind: PairSamples.Loss?) -> Double {
            func score(_ user: Int, _ item: Int) -> Double {
                (0..<3).reduce(0) { $0 + Double(users[user, $1]) * Double(items[item, $1]) }
            }
            guard let kind else {
                return (0..<5).reduce(0) { sum, user in
                    let scores = (0..<items.rowCount).map { score(user, $0) }
                    let logSum = log(scores.reduce(0) { $0 + exp($1) })
                    return targets.range(ofRow: user).reduce(sum) { sum, position in
                        let own = scores[Int(targets.columns[position])]
                        return sum + Double(targets.values[position]) * (logSum - own)
                    }
                }
            }
            return samples.users.indices.reduce(0) { sum, sample in
                let user = Int(samples.users[sample])
                let own = score(user, Int(samples.positives[sample]))
                let others = (0..<3).map { index in
                    let at = sample * 3 + index
                    let other = score(user, Int(samples.negatives[at]))
                    return (score: other, correction: Double(samples.corrections[at]))
                }
                let loss =
                    switch kind {
                    case .bpr:
                        others.reduce(0) { $0 + log(1 + exp($1.score - own)) } / 3
                    case .softmax:
                        log(others.reduce(exp(own)) { $0 + exp($1.score + $1.correction) }) - own
                    }
                return sum + Double(samples.weights[sample]) * loss
            }
        }

        func loss(_ kind: PairSamples.Loss?, on pool: WorkerPool) -> PairLoss {
            if let kind { return samples.loss(kind, users: users, items: items, on: pool) }
            return FullSoftmax(itemCount: items.rowCount, batchSize: 7, dimension: 3)
                .loss(users: users, items: items, targets: targets, on: pool)
        }
    }

    /// nil stands for the softmax over all items, of which 5,000 are three tiles.
    static let cases: [(PairSamples.Loss?, Int)] = [
        (nil, 11), (nil, 5_000), (.bpr, 11), (.softmax, 11),
    ]

    @Test("losses are those of the formulas in float64", arguments: cases, [1.0, 6])
    func values(_ kind: (PairSamples.Loss?, Int), scale: Double) {
        for seed in 1...3 {
            let world = World(seed: UInt64(seed), itemCount: kind.1, scale: scale)
            let (loss, expected) = (world.loss(kind.0, on: pool).loss, world.expected(kind.0))
            #expect(abs(loss - expected) <= 1e-5 * expected, "seed \(seed): \(loss), \(expected)")
        }
    }

    @Test("finite differences of the float64 formula agree with every slope", arguments: cases)
    func slopes(_ kind: (PairSamples.Loss?, Int)) {
        var world = World(seed: 4, itemCount: kind.1)
        let outcome = world.loss(kind.0, on: pool)
        let width = 1.0 / 128  // exact in float32
        func slope(at path: WritableKeyPath<World, DenseMatrix>, _ index: Int) -> Double {
            let matrix = world[keyPath: path]
            let losses = [width, -width].map { shift in
                var values = matrix.values
                values[index] += Float(shift)
                world[keyPath: path] = DenseMatrix(
                    rowCount: matrix.rowCount,
                    columnCount: matrix.columnCount,
                    values: values
                )
                defer { world[keyPath: path] = matrix }
                return world.expected(kind.0)
            }
            return (losses[0] - losses[1]) / (2 * width)
        }
        for index in 0..<15 {
            let expected = slope(at: \.users, index)
            #expect(abs(Double(outcome.users.values[index]) - expected) < 1e-3, "user \(index)")
        }
        let items = outcome.items.values
        #expect(items.count == kind.1 * 3)
        // All of a small catalogue, and the ends of tiles of a large one.
        for index in 0..<items.count where kind.1 < 20 || index % 997 < 3 {
            let expected = slope(at: \.items, index)
            #expect(abs(Double(items[index]) - expected) < 1e-3, "item \(index)")
        }
        #expect(items.contains { abs($0) > 0.05 })
    }

    @Test("one thread and three give the same bits", arguments: cases)
    func threads(_ kind: (PairSamples.Loss?, Int)) {
        let many = WorkerPool(name: "many", threadCount: 3, queueLimit: 1)
        let world = World(seed: 5, itemCount: kind.1)
        let (one, two) = (world.loss(kind.0, on: pool), world.loss(kind.0, on: many))
        #expect(one.loss == two.loss)
        #expect(one.users.values == two.users.values)
        #expect(one.items.values == two.items.values)
    }

    @Test("a batch that is smaller than the ones before it leaves nothing of them behind")
    func smallerBatch() {
        let world = World(seed: 6, itemCount: 11)
        let softmax = FullSoftmax(itemCount: 11, batchSize: 5, dimension: 3)
        _ = softmax.loss(
            users: world.users,
            items: world.items,
            targets: world.targets,
            on: pool
        )
        let first = DenseMatrix(
            rowCount: 1,
            columnCount: 3,
            values: Array(world.users.values[..<3])
        )
        let target = CSRMatrix(
            rowCount: 1,
            columnCount: 11,
            entries: [CSRMatrix.Entry(row: 0, column: 4)]
        )
        func loss(_ softmax: FullSoftmax) -> PairLoss {
            softmax.loss(users: first, items: world.items, targets: target, on: pool)
        }
        let fresh = FullSoftmax(itemCount: 11, batchSize: 1, dimension: 3)
        #expect(loss(softmax).loss == loss(fresh).loss)
        #expect(loss(softmax).items.values == loss(fresh).items.values)
    }
}
