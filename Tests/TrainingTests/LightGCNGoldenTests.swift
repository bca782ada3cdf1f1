import Events
import Foundation
import Graphs
import Models
import Propagation
import Testing
import Training
import Workers

/// Against testdata/golden/lightgcn, made by an independent float64 program.
@Suite("lightgcn golden vectors")
struct LightGCNGoldenTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    @Test("propagation, loss and gradient agree")
    func agree() throws {
        let golden = try LightGCNGolden.read()
        #expect(golden.cases.count == 4)
        for one in golden.cases {
            let graph = LightGCNGraph(one.strengths, settings: one.settings)
            let embeddings = DenseMatrix(
                rowCount: one.itemCount,
                columnCount: one.dimension,
                values: one.embeddings
            )
            let nodes = graph.propagation.applied(to: embeddings, on: pool)
            check(
                nodes.users.values + nodes.items.values,
                one.expected.outputs,
                golden.tolerance,
                "\(one.name): outputs"
            )
            let source = LightGCNBatch.Source(graph, settings: one.settings)
            var generator = SplitMix64(seed: 1)
            let outcome = LightGCNLoss(graph, table: one.table, settings: one.settings).outcome(
                of: embeddings,
                for: source.batch(of: Array(0..<one.userCount)),
                using: &generator,
                on: pool
            )
            let loss = one.expected.loss
            #expect(abs(outcome.loss - loss) <= golden.tolerance * loss, "\(one.name)")
            check(
                outcome.slopes.values,
                one.expected.gradient,
                golden.tolerance,
                "\(one.name): gradient"
            )
        }
    }

    /// max |a − b| ≤ tolerance · max |b|, in Double.
    private func check(
        _ values: [Float],
        _ expected: [Double],
        _ tolerance: Double,
        _ name: String
    ) {
        #expect(values.count == expected.count && !values.isEmpty, "\(name)")
        let largest = expected.map { abs($0) }.max() ?? 0
        let distance = zip(values, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
        #expect(distance <= tolerance * largest, "\(name): \(distance) of \(largest)")
    }
}

struct LightGCNGolden: Decodable {
    struct Expected: Decodable {
        var outputs: [Double]
        var loss: Double
        var gradient: [Double]
    }

    struct Case: Decodable {
        var name: String
        var userCount: Int
        var itemCount: Int
        var dimension: Int
        /// User, item.
        var met: [[Int32]]
        var weights: [Float]
        var isCosine: Bool
        var temperature: Double
        var activityExponent: Double
        var embeddings: [Float]
        var expected: Expected

        var settings: LightGCNSettings {
            var settings = LightGCNSettings()
            settings.dimension = dimension
            settings.layerCount = weights.count - 1
            settings.layerWeights = weights
            settings.isCosine = isCosine
            settings.temperature = temperature
            settings.activityExponent = activityExponent
            settings.loss = .softmax
            return settings
        }

        var strengths: CSRMatrix {
            CSRMatrix(
                rowCount: userCount,
                columnCount: itemCount,
                entries: met.map { CSRMatrix.Entry(row: $0[0], column: $0[1]) }
            )
        }

        var table: EventTable {
            EventTable(
                users: Vocabulary((0..<userCount).map { "u\($0)" }),
                catalogue: ItemTable(
                    items: Vocabulary((0..<itemCount).map { "i\($0)" }),
                    categories: Vocabulary([]),
                    category: Array(repeating: -1, count: itemCount),
                    place: Array(repeating: nil, count: itemCount)
                ),
                actions: Vocabulary([]),
                rows: []
            )
        }
    }

    var tolerance: Double
    var cases: [Case]

    static func read() throws -> LightGCNGolden {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appending(path: "testdata/golden/lightgcn/vectors.json")
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: path))
    }
}
