import Graphs
import Propagation
import Testing
import Workers

@Suite("propagation over users and items")
struct BipartitePropagationTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    private struct World {
        /// R̂ and Â.
        let matrix: CSRMatrix
        let adjacency: CSRMatrix
        /// Of the nodes, users first.
        let values: [Float]
        static let userCount = 4
        static let itemCount = 5
        static let dimension = 4
        static let userSize = userCount * dimension

        init(seed: UInt64) {
            var generator = SplitMix64(seed: seed)
            let strengths = CSRMatrix(
                rowCount: Self.userCount,
                columnCount: Self.itemCount,
                entries: (0..<20).compactMap { index in
                    guard generator.nextUniform() < 0.5 else { return nil }
                    return CSRMatrix.Entry(
                        row: Int32(index / 5),
                        column: Int32(index % 5),
                        value: Float(generator.nextUniform() * 1.5 - 0.5)
                    )
                }
            )
            matrix = strengths.normalized(rowExponent: 0.5, columnExponent: 0.5)
            let size = Self.userCount + Self.itemCount
            let edges = (0..<Self.userCount).flatMap { user in
                strengths.range(ofRow: user).flatMap { position in
                    [true, false].map { isToItem in
                        let (from, to) = (
                            Int32(user), strengths.columns[position] + Int32(Self.userCount)
                        )
                        return CSRMatrix.Entry(
                            row: isToItem ? from : to,
                            column: isToItem ? to : from,
                            value: strengths.values[position]
                        )
                    }
                }
            }
            adjacency = CSRMatrix(rowCount: size, columnCount: size, entries: edges)
                .symmetricallyNormalized()
            values = (0..<(Self.userCount + Self.itemCount) * Self.dimension).map { _ in
                Float(generator.nextUniform() - 0.5)
            }
        }

        var nodes: BipartitePropagation.Nodes {
            BipartitePropagation.Nodes(
                users: Self.matrix(values.prefix(Self.userSize)),
                items: Self.matrix(values.dropFirst(Self.userSize))
            )
        }

        static func matrix(_ values: some Collection<Float>) -> DenseMatrix {
            DenseMatrix(
                rowCount: values.count / dimension,
                columnCount: dimension,
                values: Array(values)
            )
        }

        /// Σ_k α_k Â^k E with dense matrices in float64.
        func expected(_ weights: [Float], of start: [Float]) -> [Double] {
            var power = start.map { Double($0) }
            var sum = power.map { $0 * Double(weights[0]) }
            for weight in weights.dropFirst() {
                power = (0..<power.count).map { index in
                    let (row, column) = (index / Self.dimension, index % Self.dimension)
                    return (0..<Self.userCount + Self.itemCount).reduce(0) { total, node in
                        total + Double(adjacency[row, node])
                            * power[node * Self.dimension + column]
                    }
                }
                for index in sum.indices { sum[index] += Double(weight) * power[index] }
            }
            return sum
        }
    }

    private static let choices: [[Float]] = [[1], [0.5, 0.5], [0.1, 0.2, 0.3, 0.4], [0, -2, 3]]

    private func close(_ values: [Float], _ expected: some Collection<Double>) -> Bool {
        values.count == expected.count
            && zip(values, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 }
    }

    @Test("is the polynomial of Â over users of zeros, in float64", arguments: choices)
    func polynomial(weights: [Float]) {
        for seed in 1...3 {
            let world = World(seed: UInt64(seed))
            let propagation = BipartitePropagation(world.matrix, weights: weights)
            let found = propagation.applied(to: world.nodes.items, on: pool)
            let start = Array(repeating: 0, count: World.userSize) + world.nodes.items.values
            let expected = world.expected(weights, of: start)
            #expect(close(found.users.values + found.items.values, expected), "seed \(seed)")
        }
    }

    @Test("the way back is the same polynomial of all nodes' slopes", arguments: choices)
    func wayBack(weights: [Float]) {
        let world = World(seed: 4)
        let slopes = BipartitePropagation(world.matrix, weights: weights)
            .slopes(from: world.nodes, on: pool)
        let expected = world.expected(weights, of: world.values)
        #expect(close(slopes.values, expected.dropFirst(World.userSize)))
    }

    @Test("users are one step over the messages of items", arguments: choices)
    func messages(weights: [Float]) {
        let world = World(seed: 6)
        let propagation = BipartitePropagation(world.matrix, weights: weights)
        let messages = propagation.messages(of: world.nodes.items, on: pool)
        let users = propagation.applied(to: world.nodes.items, on: pool).users
        let step = world.matrix.multiplied(by: messages, on: pool)
        #expect(close(users.values, step.values.map { Double($0) }))
    }

    @Test("unit rows have length 1, and finite differences agree with their slopes")
    func unitRows() {
        let world = World(seed: 7)
        var values = world.values
        for column in 0..<4 { values[column] = 0 }
        let matrix = DenseMatrix(rowCount: 9, columnCount: 4, values: values)
        let units = UnitRows(matrix, on: pool)
        #expect((0..<4).allSatisfy { units.rows[0, $0] == 0 })
        let weights = World.matrix(World(seed: 8).values)
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
