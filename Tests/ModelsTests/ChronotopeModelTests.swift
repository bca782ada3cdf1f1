import Embeddings
import Events
import Models
import Testing
import Workers

@Suite("chronotope model")
struct ChronotopeModelTests {
    private static let allItems = (0..<Int32(ChronotopeWorld.itemCount)).map { $0 }

    @Test("the parts of every item sum to its score", arguments: 1...5)
    func parts(seed: UInt64) {
        var world = ChronotopeWorld(seed: seed)
        let model = world.model()
        for (number, question) in world.questions().enumerated() {
            let scores = model.scores(for: question, given: model.trainedStatistics)
            let parts = model.parts(
                of: Self.allItems,
                for: question,
                given: model.trainedStatistics
            )
            for (item, score) in scores.enumerated() {
                let largest = max(1, parts[item].map(abs).max() ?? 0)
                #expect(
                    abs(parts[item].reduce(0, +) - score) <= 1e-4 * largest,
                    "seed \(seed), question \(number), item \(item): \(parts[item]) and \(score)"
                )
            }
        }
    }

    @Test("a part that is switched off is exactly zero, and the others stay as they were")
    func switchedOff() {
        var world = ChronotopeWorld(seed: 1)
        let model = world.model()
        var question = world.questions()[1]
        let all = model.parts(of: Self.allItems, for: question, given: model.trainedStatistics)
        for (index, name) in model.partNames.enumerated() {
            #expect(all.contains { $0[index] != 0 }, "\(name) says nothing at all")
            question.switchedOff = [name]
            let rest = model.parts(
                of: Self.allItems,
                for: question,
                given: model.trainedStatistics
            )
            for (before, after) in zip(all, rest) {
                var expected = before
                expected[index] = 0
                #expect(after == expected, "without \(name)")
            }
        }
        question.switchedOff = Set(model.partNames)
        let scores = model.scores(for: question, given: model.trainedStatistics)
        #expect(scores.allSatisfy { $0 == 0 })
    }

    @Test("a model that went through its archive gives the same bits")
    func archive() throws {
        var world = ChronotopeWorld(seed: 2)
        let model = world.model()
        let loaded = try ChronotopeModel.load(model.archive())
        let newEvent = UserHistory.Entry(
            item: 5,
            instant: Instant(secondsSinceEpoch: ChronotopeWorld.epochSeconds + 3_000_000)
        )
        var statistics = model.trainedStatistics
        statistics.record(newEvent, after: world.history(of: 0).last)
        var loadedStatistics = loaded.trainedStatistics
        loadedStatistics.record(newEvent, after: world.history(of: 0).last)
        for question in world.questions() {
            #expect(
                model.scores(for: question, given: statistics)
                    == loaded.scores(for: question, given: loadedStatistics)
            )
        }
        #expect(loaded.settings == model.settings)
        #expect(loaded.partNames == model.partNames)
        let (old, new) = (model.archive().parameters, loaded.archive().parameters)
        #expect(old.map(\.name) == new.map(\.name))
        #expect(zip(old, new).allSatisfy { $0.allBytes == $1.allBytes })
    }

    @Test("an archive with a tensor of another shape, or with a link to nowhere, is refused")
    func badArchive() {
        var world = ChronotopeWorld(seed: 3)
        let archive = world.model().archive()
        var short = archive
        short.parameters = archive.parameters.map { tensor in
            tensor.name == "head.time_given"
                ? Tensor(tensor.name, shape: [3], floats: [1, 2, 3]) : tensor
        }
        #expect(throws: ModelError.self) { try ChronotopeModel.load(short) }
        var wild = archive
        wild.parameters = archive.parameters.map { tensor in
            tensor.name == "statistics.item_links.targets"
                ? Tensor(
                    tensor.name,
                    shape: tensor.shape,
                    int32s: tensor.int32s().map { _ in 1_000_000 }
                ) : tensor
        }
        #expect(throws: ModelError.self) { try ChronotopeModel.load(wild) }
    }

    @Test("a hidden time is never read: the clock of the question changes nothing")
    func hiddenTime() {
        var world = ChronotopeWorld(seed: 4)
        let model = world.model()
        var question = world.questions()[0]
        let scores = model.scores(for: question, given: model.trainedStatistics)
        question.utcOffsetMinutes = 600
        #expect(model.scores(for: question, given: model.trainedStatistics) == scores)
        question.instant = Instant(secondsSinceEpoch: ChronotopeWorld.epochSeconds + 9_000_000)
        #expect(model.scores(for: question, given: model.trainedStatistics) != scores)
    }

    @Test("an event shows in the user's next scores and in everybody's statistics")
    func freshness() {
        var world = ChronotopeWorld(seed: 5)
        let model = world.model()
        var question = world.questions()[0]
        let before = model.scores(for: question, given: model.trainedStatistics)
        var statistics = model.trainedStatistics
        let entry = UserHistory.Entry(
            item: 33,
            instant: Instant(secondsSinceEpoch: ChronotopeWorld.epochSeconds + 3_000_000)
        )
        statistics.record(entry, after: question.history.last)
        #expect(model.scores(for: question, given: statistics) != before)
        question.history.record(entry)
        #expect(model.scores(for: question, given: model.trainedStatistics) != before)
    }

    @Test("no places, no categories, no events: all scores are finite", arguments: [true, false])
    func poorData(hasPlaces: Bool) {
        var world = ChronotopeWorld(
            seed: 6,
            eventsPerUser: 3,
            hasPlaces: hasPlaces,
            hasCategories: !hasPlaces
        )
        let model = world.model()
        let empty = LiveStatistics(catalogue: CatalogueIndex(model.catalogue))
        for question in world.questions() {
            for statistics in [empty, model.trainedStatistics] {
                let scores = model.scores(for: question, given: statistics)
                #expect(scores.allSatisfy { $0.isFinite })
            }
        }
    }
}

extension Tensor {
    fileprivate var allBytes: [UInt8] {
        withBytes { span in
            (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }
}
