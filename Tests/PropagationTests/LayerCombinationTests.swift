import Graphs
import Propagation
import Testing
import Workers

@Suite("combination of layers")
struct LayerCombinationTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    private struct World {
        let adjacency: CSRMatrix
        let embeddings: DenseMatrix
        static let nodeCount = 9
        static let dimension = 4

        init(seed: UInt64) {
            var generator = SplitMix64(seed: seed)
            let strengths = CSRMatrix(
                rowCount: 4,
                columnCount: 5,
                entries: (0..<20).compactMap { index in
                    guard generator.nextUniform() < 0.5 else { return nil }
                    return CSRMatrix.Entry(
                        row: Int32(index / 5),
                        column: Int32(index % 5),
                        value: Float(generator.nextUniform() * 1.5 - 0.5)
                    )
                }
            )
            adjacency = strengths.bipartiteAdjacency().symmetricallyNormalized()
            let values = (0..<Self.nodeCount * Self.dimension).map { _ in
                Float(generator.nextUniform() - 0.5)
            }
            embeddings = DenseMatrix(
                rowCount: Self.nodeCount,
                columnCount: Self.dimension,
                values: values
            )
        }

        /// Σ_k α_k Â^k E with dense matrices in float64.
        func expected(_ weights: [Float]) -> [Double] {
            var power = embeddings.values.map { Double($0) }
            var sum = power.map { $0 * Double(weights[0]) }
            for weight in weights.dropFirst() {
                power = (0..<power.count).map { index in
                    let (row, column) = (index / Self.dimension, index % Self.dimension)
                    return (0..<Self.nodeCount).reduce(0) { total, node in
                        total + Double(adjacency[row, node])
                            * power[node * Self.dimension + column]
                    }
                }
                for index in sum.indices { sum[index] += Double(weight) * power[index] }
            }
            return sum
        }
    }

    @Test(
        "is the polynomial of Â in float64",
        arguments: [[1], [0.5, 0.5], [0.25, 0.25, 0.25, 0.25], [0, -2, 3]] as [[Float]]
    )
    func polynomial(weights: [Float]) {
        for seed in 1...3 {
            let world = World(seed: UInt64(seed))
            let combination = LayerCombination(world.adjacency, weights: weights)
            let values = combination.applied(to: world.embeddings, on: pool).values
            for (value, expected) in zip(values, world.expected(weights)) {
                #expect(abs(Double(value) - expected) < 1e-5, "seed \(seed)")
            }
        }
    }

    @Test("is symmetric: the way back over the graph is the way there")
    func symmetry() {
        let (left, right) = (World(seed: 4), World(seed: 5))
        let combination = LayerCombination(left.adjacency, weights: [0.2, 0.3, 0.5])
        func product(_ one: DenseMatrix, _ other: DenseMatrix) -> Double {
            zip(one.values, combination.applied(to: other, on: pool).values)
                .reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let there = product(left.embeddings, right.embeddings)
        let back = product(right.embeddings, left.embeddings)
        #expect(abs(there - back) < 1e-5 && abs(there) > 1e-3)
    }

    @Test("is a node's own row and one step over the messages")
    func messages() {
        let world = World(seed: 6)
        let combination = LayerCombination(world.adjacency, weights: [0.2, 0.3, 0.5])
        let messages = combination.messages(of: world.embeddings, on: pool)
        let step = world.adjacency.multiplied(by: messages, on: pool).values
        let whole = combination.applied(to: world.embeddings, on: pool).values
        for (index, own) in world.embeddings.values.enumerated() {
            #expect(abs(whole[index] - 0.2 * own - step[index]) < 1e-5)
        }
    }

    @Test("unit rows have length 1, and finite differences agree with their slopes")
    func unitRows() {
        let world = World(seed: 7)
        var values = world.embeddings.values
        for column in 0..<4 { values[column] = 0 }
        let matrix = DenseMatrix(rowCount: 9, columnCount: 4, values: values)
        let units = UnitRows(matrix, on: pool)
        #expect((0..<4).allSatisfy { units.rows[0, $0] == 0 })
        let weights = World(seed: 8).embeddings
        func loss(_ values: [Double]) -> Double {
            (1..<9).reduce(0) { sum, row in
                let own = (0..<4).map { values[row * 4 + $0] }
                let length = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return sum + (0..<4).reduce(0) { $0 + own[$1] / length * Double(weights[row, $1]) }
            }
        }
        let slopes = units.slopes(from: weights, on: pool).values
        let doubles = values.map { Double($0) }
        for index in 4..<36 {
            let losses = [1e-5, -1e-5].map { shift in
                var moved = doubles
                moved[index] += shift
                return loss(moved)
            }
            #expect(abs(Double(slopes[index]) - (losses[0] - losses[1]) / 2e-5) < 1e-4)
        }
    }
}
