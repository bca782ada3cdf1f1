import Embeddings
import Events
import Models
import Testing
import Training
import Workers

@Suite("training checkpoints")
struct CheckpointTests {
    private static let passCount = 4

    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private let table = Commuters.table(seed: 1)

    /// Fits a family; returns its archive and the passes it made.
    private func fit(
        _ family: String,
        over table: EventTable? = nil,
        _ checkpoints: Checkpoints = Checkpoints(),
        stopAfter last: Int = .max
    ) throws -> (tensors: [Tensor], passes: [Int]) {
        var passes: [Int] = []
        func goesOn(_ report: EpochReport) -> Bool {
            passes.append(report.pass)
            return report.pass < last
        }
        let model: any RecommenderModel
        if family == GCNModel.family {
            var settings = GCNSettings()
            settings.dimension = 8
            settings.passCount = Self.passCount
            settings.windowCount = 2
            settings.batchSize = 6  // several steps a pass, in an order drawn anew
            model = try GCNTraining.fit(
                table ?? self.table,
                settings: settings,
                on: pool,
                checkpoints: checkpoints,
                progress: goesOn
            )
        } else {
            var settings = ChronotopeSettings()
            settings.passCount = Self.passCount
            settings.rank = 4
            settings.maxTargets = 200
            model = try ChronotopeTraining.fit(
                table ?? self.table,
                settings: settings,
                on: pool,
                checkpoints: checkpoints,
                progress: goesOn
            )
        }
        let archive = model.archive()
        return (archive.items + archive.parameters, passes)
    }

    /// The state that a fit leaves when it is stopped after `pass`.
    private func state(_ family: String, after pass: Int) throws -> [Tensor] {
        var kept: [Tensor] = []
        let stopped = try fit(
            family,
            Checkpoints { _, state in kept = state() },
            stopAfter: pass
        )
        #expect(stopped.passes == Array(1...pass))
        return kept
    }

    private func expectEqual(_ first: [Tensor], _ second: [Tensor]) {
        #expect(first.map(\.name) == second.map(\.name))
        for (one, two) in zip(first, second) {
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
    }

    @Test(
        "a fit stopped after any pass and gone on with gives the bytes of one never stopped",
        arguments: ["chronotope", "gcn"],
        1...3
    )
    func resumption(family: String, pass: Int) throws {
        let whole = try fit(family)
        let kept = try state(family, after: pass)
        let resumed = try fit(family, Checkpoints(start: kept))
        #expect(resumed.passes == Array(pass + 1...Self.passCount))
        expectEqual(resumed.tensors, whole.tensors)
    }

    @Test(
        "a pass limit ends a fit as an interruption there would, and a later limit goes on",
        arguments: ["chronotope", "gcn"]
    )
    func passLimit(family: String) throws {
        var kept: [Tensor] = []
        var keptPasses: [Int] = []
        for limit in [1, 1, 3, Self.passCount] {
            let part = try fit(
                family,
                Checkpoints(start: kept, passLimit: limit) { pass, state in
                    kept = state()
                    keptPasses.append(pass)
                }
            )
            #expect(Checkpoints(start: kept).passesDone == limit)
            if limit == Self.passCount { expectEqual(part.tensors, try fit(family).tensors) }
        }
        #expect(keptPasses == Array(1...Self.passCount), "no pass is made twice")
    }

    @Test(
        "a state of other data is refused by the tensor's name",
        arguments: ["chronotope", "gcn"]
    )
    func foreignState(family: String) throws {
        let kept = try state(family, after: 1)
        var other = table
        other.catalogue = ItemTable(
            items: Vocabulary(table.catalogue.items.ids + ["i99"]),
            categories: table.catalogue.categories,
            category: table.catalogue.category + [0],
            place: table.catalogue.place + [nil]
        )
        other.rows[0].item = 50
        let error = #expect(throws: ModelError.self) {
            try fit(family, over: other, Checkpoints(start: kept))
        }
        #expect(error?.place.hasPrefix("checkpoint, ") == true)
        #expect(error?.problem.contains("shape") == true)
    }
}
