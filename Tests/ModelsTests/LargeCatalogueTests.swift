import Embeddings
import Events
import Kernels
import Models
import Testing
import Workers

@Suite("the best of a large catalogue")
struct LargeCatalogueTests {
    private static let spareItemCount = 40_000
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    /// The indexed list beside the one by every item's score: the same items, but for pairs that rounding
    /// may turn round.
    private func compare(
        _ model: some RecommenderModel,
        _ questions: [Question],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let indexed = model.indexed(spread: pool.forEachBlock)
        let wordCount = (model.catalogue.items.count + 63) / 64
        var generator = SeededGenerator(seed: 9)
        let some = (0..<wordCount).map { _ in UInt64.random(in: 0...(.max), using: &generator) }
        let few = (0..<wordCount).map { $0 % 97 == 3 ? some[$0] : 0 }
        for (number, question) in questions.enumerated() {
            for (k, eligible) in [(10, nil), (1, some), (100, some), (300, few)] {
                let found = indexed.best(
                    k,
                    of: eligible,
                    for: question,
                    given: model.trainedStatistics,
                    spread: pool.forEachBlock
                )
                let expected = model.best(
                    k,
                    of: eligible,
                    for: question,
                    given: model.trainedStatistics,
                    spread: inTurn
                )
                #expect(found.count == expected.count, sourceLocation: sourceLocation)
                for (own, other) in zip(found, expected) {
                    let size = max(1, abs(other.score))
                    #expect(
                        abs(own.score - other.score) <= 2e-6 * size,
                        "question \(number), top \(k): \(own) and \(other)",
                        sourceLocation: sourceLocation
                    )
                }
                let common = Set(found.map(\.index)).intersection(expected.map(\.index))
                #expect(
                    common.count >= expected.count - expected.count / 50,
                    "question \(number), top \(k)",
                    sourceLocation: sourceLocation
                )
            }
        }
    }

    @Test("of the chronotope family is that of all scores, whatever is asked")
    func chronotope() {
        var world = ChronotopeWorld(seed: 4, spareItemCount: Self.spareItemCount)
        let count = world.table.catalogue.items.count
        let numbers = (0..<count * 24).map { _ in
            Float.random(in: -1...1, using: &world.generator)
        }
        let model = world.model(
            embeddings: ChronotopeEmbeddings(
                table: EmbeddingTable("items.embedding", dimension: 24, floats: numbers),
                gatherScales: Array(repeating: 0.5, count: count)
            )
        )
        var questions = world.questions()
        questions[1].switchedOff = ["popularity", "place"]
        questions[2].switchedOff = ["collaborative"]
        compare(model, questions)
    }

    @Test(
        "of the spectral family is that of all scores, with links and without",
        arguments: [0, 1.5]
    )
    func spectral(linkWeight: Double) throws {
        let world = ChronotopeWorld(seed: 5, spareItemCount: Self.spareItemCount)
        var settings = SpectralSettings()
        settings.rank = 8
        settings.linkWeight = linkWeight
        settings.regressionCount = 10
        let model = try SpectralModel.fit(world.table, settings: settings, on: pool)
        compare(model, world.questions())
    }
}
