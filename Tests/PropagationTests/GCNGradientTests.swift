import Graphs
import Propagation
import Testing
import Workers

@Suite("gcn gradients")
struct GCNGradientTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    /// A random directed graph, so that Â and its transpose differ, with two targets that share
    /// nodes.
    private struct World {
        var layers: GCNLayers
        let input: GCNInput
        let targets: [GCNTarget]

        init(seed: UInt64, form: GCNLayers.Form, layerCount: Int, nodeCount: Int = 12) {
            var generator = SplitMix64(seed: seed)
            func entries(_ columnCount: Int, share: Double) -> [CSRMatrix.Entry] {
                (0..<Int32(nodeCount)).flatMap { row in
                    (0..<Int32(columnCount)).compactMap { column in
                        guard generator.nextUniform() < share else { return nil }
                        let value = Float(generator.nextUniform() * 2 - 0.7)
                        return CSRMatrix.Entry(row: row, column: column, value: value)
                    }
                }
            }
            input = GCNInput(
                adjacency: CSRMatrix(
                    rowCount: nodeCount,
                    columnCount: nodeCount,
                    entries: entries(nodeCount, share: 4 / Double(nodeCount))
                ),
                features: CSRMatrix(
                    rowCount: nodeCount,
                    columnCount: 5,
                    entries: entries(5, share: 0.6)
                )
            )
            layers = GCNLayers(
                GCNLayers.Shape(
                    form: form,
                    featureCount: 5,
                    dimension: 4,
                    layerCount: layerCount,
                    outputCount: 6
                ),
                seed: seed
            )
            for index in layers.parameters.indices where layers.parameters[index].isBias {
                for position in layers.parameters[index].values.indices {
                    layers.parameters[index].values[position] = Float(generator.nextUniform() - 0.3)
                }
            }
            func target(_ nodes: [Int32], _ outputs: Range<Int>, weight: Float) -> GCNTarget {
                let labels = nodes.indices.flatMap { row in
                    (0..<outputs.count).compactMap { column -> CSRMatrix.Entry? in
                        guard (row + column) % 3 == 0 else { return nil }
                        return CSRMatrix.Entry(
                            row: Int32(row),
                            column: Int32(column),
                            value: row % 2 == 0 ? 1 : 0.25
                        )
                    }
                }
                return GCNTarget(
                    nodes: nodes,
                    outputs: outputs,
                    labels: CSRMatrix(
                        rowCount: nodes.count,
                        columnCount: outputs.count,
                        entries: labels
                    ),
                    positiveWeight: 3,
                    weight: weight
                )
            }
            let all = (0..<Int32(nodeCount)).map { $0 }
            targets = [target(all, 0..<4, weight: 1), target([1, 4, 7], 3..<6, weight: 0.5)]
        }
    }

    @Test(
        "finite differences agree with every gradient",
        arguments: [(GCNLayers.Form.reference, 1), (.reference, 3), (.perLayer, 1)],
        1...2
    )
    func finiteDifferences(_ kind: (GCNLayers.Form, Int), seed: Int) {
        var world = World(seed: UInt64(seed), form: kind.0, layerCount: kind.1)
        let outcome = world.layers.outcome(of: world.targets, over: world.input, on: pool)
        #expect(
            abs(outcome.loss - world.layers.loss(of: world.targets, over: world.input, on: pool))
                < 1e-9
        )
        // Float32 in the forward pass: the difference of two losses is right to about 1e-4.
        let step: Float = 0.004
        var bends = 0
        for (index, parameter) in world.layers.parameters.enumerated() {
            let largest = outcome.gradient[index].map { abs($0) }.max() ?? 0
            #expect(largest > 0.01, "\(parameter.name) has no gradient")
            for position in parameter.values.indices {
                let value = parameter.values[position]
                var losses: [Double] = []
                for sign: Float in [1, -1] {
                    world.layers.parameters[index].values[position] = value + sign * step
                    losses.append(
                        world.layers.loss(of: world.targets, over: world.input, on: pool)
                    )
                }
                world.layers.parameters[index].values[position] = value
                let slope = (losses[0] - losses[1]) / (2 * Double(step))
                // How far a kink of ReLU between the two can bend the difference.
                let bend = abs(losses[0] + losses[1] - 2 * outcome.loss) / (2 * Double(step))
                let distance = abs(slope - Double(outcome.gradient[index][position]))
                bends += bend > 0.01 * Double(largest) ? 1 : 0
                #expect(
                    distance <= 0.01 * Double(largest) + 2e-4 + bend,
                    "\(parameter.name)[\(position)]: \(slope), \(outcome.gradient[index][position])"
                )
            }
        }
        #expect(bends <= 12, "\(bends) numbers are at kinks: choose another seed")
    }

    @Test("one thread and three give the same bits, over many blocks")
    func threads() {
        let many = WorkerPool(name: "many", threadCount: 3, queueLimit: 1)
        let world = World(seed: 3, form: .reference, layerCount: 2, nodeCount: 700)
        let first = world.layers.outcome(of: world.targets, over: world.input, on: pool)
        let second = world.layers.outcome(of: world.targets, over: world.input, on: many)
        #expect(first.loss == second.loss)
        #expect(first.gradient == second.gradient)
        #expect(first.gradient.allSatisfy { $0.contains { $0 != 0 } })
    }

    @Test("far logits give a finite loss and finite slopes")
    func extremes() {
        var world = World(seed: 1, form: .reference, layerCount: 1)
        for index in world.layers.parameters.indices {
            for position in world.layers.parameters[index].values.indices {
                world.layers.parameters[index].values[position] *= 200
            }
        }
        let outcome = world.layers.outcome(of: world.targets, over: world.input, on: pool)
        #expect(outcome.loss.isFinite && outcome.loss > 100)
        #expect(outcome.gradient.joined().allSatisfy { $0.isFinite })
    }

    @Test("the loss of a target is the mean of its parts'")
    func parts() {
        let world = World(seed: 2, form: .reference, layerCount: 1)
        let whole = world.targets[0]
        let losses = [0..<4, 4..<12].map { range in
            world.layers.loss(of: [whole.part(range)], over: world.input, on: pool)
                * Double(range.count)
        }
        let loss = world.layers.loss(of: [whole], over: world.input, on: pool)
        #expect(abs(loss - losses.reduce(0, +) / 12) < 1e-6)
    }
}
