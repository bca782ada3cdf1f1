import Foundation
import Graphs
import Models
import Propagation
import Testing
import Training
import Workers

/// Against testdata/golden/gcn, made by an independent float64 program.
@Suite("gcn golden vectors")
struct GCNGoldenTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    @Test("Â, states, logits, loss and every gradient agree")
    func forwardAndBack() throws {
        let golden = try GCNGolden.read()
        #expect(golden.cases.count == 5)
        for one in golden.cases {
            let expected = one.expected
            let layers = one.layers(one.parameters)
            let input = one.input
            check(input.adjacency.values, expected.normalized, "\(one.name): Â")
            let states = layers.states(over: input, on: pool)
            for (layer, state) in states.enumerated() {
                check(state.values, expected.states[layer], "\(one.name): H\(layer)")
            }
            let logits = layers.logits(of: states[one.layers], on: pool).values
            check(logits, expected.logits, "\(one.name): logits")
            let probabilities = logits.map { 1 / (1 + exp(-$0)) }
            check(probabilities, expected.probabilities, "\(one.name): h")
            let outcome = layers.outcome(of: [one.target], over: input, on: pool)
            #expect(abs(outcome.loss - expected.loss) <= golden.tolerance * expected.loss)
            for (parameter, gradient) in zip(layers.parameters, outcome.gradient) {
                let values = try #require(expected.gradient[parameter.name])
                check(gradient, one.stored(parameter, values), "\(one.name): ∂\(parameter.name)")
            }
        }
    }

    @Test("three steps of each optimizer agree", arguments: GCNSettings.Optimizer.allCases)
    func steps(kind: GCNSettings.Optimizer) throws {
        let golden = try GCNGolden.read()
        let rate = try #require(golden.rates[kind.rawValue])
        for one in golden.cases {
            let start = one.layers(one.parameters)
            var layers = start
            var optimizer = GCNOptimizer(kind, for: layers)
            for _ in 0..<golden.steps {
                let outcome = layers.outcome(of: [one.target], over: one.input, on: pool)
                optimizer.step(&layers, gradient: outcome.gradient, rate: Float(rate))
            }
            let after = try #require(one.expected.stepped[kind.rawValue])
            for parameter in layers.parameters {
                let values = try #require(after[parameter.name])
                check(
                    parameter.values,
                    one.stored(parameter, values),
                    "\(one.name), \(kind): \(parameter.name)"
                )
            }
            #expect(layers.parameters != start.parameters)
        }
    }

    /// max |a − b| ≤ tolerance · max |b|, in Double.
    private func check(_ values: [Float], _ expected: [Double], _ name: String) {
        #expect(values.count == expected.count && !values.isEmpty, "\(name)")
        let largest = expected.map { abs($0) }.max() ?? 0
        let distance = zip(values, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
        #expect(distance <= 1e-5 * largest, "\(name): \(distance) of \(largest)")
    }
}

struct GCNGolden: Decodable {
    struct Expected: Decodable {
        var normalized: [Double]
        var states: [[Double]]
        var logits: [Double]
        var probabilities: [Double]
        var loss: Double
        var gradient: [String: [Double]]
        var stepped: [String: [String: [Double]]]
    }

    struct Case: Decodable {
        var name: String
        var form: String
        var layers: Int
        var nodeCount: Int
        var featureCount: Int
        var dimension: Int
        var outputCount: Int
        var hasSelfLoops: Bool
        var positiveWeight: Float
        /// Row, column, value.
        var edges: [[Double]]
        var features: [Double]
        var nodes: [Int32]
        var labels: [Double]
        var parameters: [String: [Double]]
        var expected: Expected
    }

    var tolerance: Double
    var rates: [String: Double]
    var steps: Int
    var cases: [Case]

    static func read() throws -> GCNGolden {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appending(path: "testdata/golden/gcn/vectors.json")
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: path))
    }
}

extension GCNGolden.Case {
    var input: GCNInput {
        let loops = (0..<(hasSelfLoops ? nodeCount : 0)).map {
            CSRMatrix.Entry(row: Int32($0), column: Int32($0))
        }
        let adjacency = CSRMatrix(
            rowCount: nodeCount,
            columnCount: nodeCount,
            entries: loops
                + edges.map {
                    CSRMatrix.Entry(
                        row: Int32($0[0]),
                        column: Int32($0[1]),
                        value: Float($0[2])
                    )
                }
        )
        return GCNInput(
            adjacency: adjacency.symmetricallyNormalized(),
            features: Self.sparse(features, rowCount: nodeCount, columnCount: featureCount)
        )
    }

    var target: GCNTarget {
        GCNTarget(
            nodes: nodes,
            outputs: 0..<outputCount,
            labels: Self.sparse(labels, rowCount: nodes.count, columnCount: outputCount),
            positiveWeight: positiveWeight
        )
    }

    func layers(_ values: [String: [Double]]) -> GCNLayers {
        var layers = GCNLayers(
            GCNLayers.Shape(
                form: form == "per-layer" ? .perLayer : .reference,
                featureCount: featureCount,
                dimension: dimension,
                layerCount: self.layers,
                outputCount: outputCount
            )
        )
        for index in layers.parameters.indices {
            let parameter = layers.parameters[index]
            layers.parameters[index].values = stored(parameter, values[parameter.name] ?? [])
                .map { Float($0) }
        }
        return layers
    }

    /// The file has the output matrix as [d, outputs]; the layers keep it as [outputs, d].
    func stored(_ parameter: GCNLayers.Parameter, _ values: [Double]) -> [Double] {
        guard parameter.name == "W\(layers + 1)" else { return values }
        return (0..<outputCount).flatMap { output in
            (0..<dimension).map { values[$0 * outputCount + output] }
        }
    }

    private static func sparse(
        _ values: [Double],
        rowCount: Int,
        columnCount: Int
    ) -> CSRMatrix {
        CSRMatrix(
            rowCount: rowCount,
            columnCount: columnCount,
            entries: values.enumerated().compactMap { position, value in
                guard value != 0 else { return nil }
                return CSRMatrix.Entry(
                    row: Int32(position / columnCount),
                    column: Int32(position % columnCount),
                    value: Float(value)
                )
            }
        )
    }
}
