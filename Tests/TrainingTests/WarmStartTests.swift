import Embeddings
import Events
import Models
import Testing
import Training
import Workers

@Suite("warm start of the chronotope family")
struct WarmStartTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private let table = Commuters.table(seed: 1)

    private var settings: ChronotopeSettings {
        var settings = ChronotopeSettings()
        settings.passCount = 3
        settings.rank = 4
        settings.maxTargets = 300
        return settings
    }

    /// A fit, and the mean loss of its first pass with the time given.
    private func fit(
        _ table: EventTable,
        from start: ChronotopeModel? = nil
    ) throws -> (model: ChronotopeModel, firstLoss: Double) {
        var losses: [Double] = []
        let model = try ChronotopeTraining.fit(table, settings: settings, from: start, on: pool) {
            losses.append($0.trainingLoss[0])
            return true
        }
        return (model, losses.first ?? 0)
    }

    /// The same events over a catalogue with an item and a category more, before all others.
    private var grown: EventTable {
        var table = table
        table.catalogue = ItemTable(
            items: Vocabulary(["a new item"] + table.catalogue.items.ids),
            categories: Vocabulary(["a new category"] + table.catalogue.categories.ids),
            category: [0] + table.catalogue.category.map { $0 + 1 },
            place: [nil] + table.catalogue.place
        )
        for index in table.rows.indices { table.rows[index].item += 1 }
        return table
    }

    @Test("begins where the version ended, also over a catalogue that has grown")
    func goesOn() throws {
        let cold = try fit(table)
        let warm = try fit(table, from: cold.model)
        #expect(warm.firstLoss < cold.firstLoss * 0.9, "\(warm.firstLoss), \(cold.firstLoss)")
        let overGrown = try fit(grown, from: cold.model)
        #expect(abs(overGrown.firstLoss - warm.firstLoss) < 0.1, "\(overGrown.firstLoss)")
    }

    @Test("finds every item and category again by its id; new ones start at 0")
    func renaming() throws {
        let model = try fit(table).model
        let same = model.startingParameters(over: table.catalogue)
        let other = model.startingParameters(over: grown.catalogue)
        #expect(same.count == 2 && same[0].contains { $0 != 0 })
        for (old, new) in zip(same, other) {
            let added = new.count - old.count
            #expect(added > 1)
            // The new category's row and the new item's bias are zeros, all else as it was.
            #expect(new.filter { $0 != 0 } == old.filter { $0 != 0 })
            #expect(new.filter { $0 == 0 }.count == old.filter { $0 == 0 }.count + added)
        }
    }

    @Test("gives other numbers than a cold start, and the same ones each time")
    func determinism() throws {
        let start = try fit(table).model
        let archives = try [start, start, nil].map { try fit(table, from: $0).model.archive() }
        let bytes = archives.map { $0.parameters.map(\.allBytes) }
        #expect(bytes[0] == bytes[1])
        #expect(bytes[0] != bytes[2])
    }
}
