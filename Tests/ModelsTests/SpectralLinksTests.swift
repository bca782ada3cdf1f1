import Embeddings
import Events
import Models
import Testing
import Workers

@Suite("spectral model with links between items")
struct SpectralLinksTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private let board = Checkerboard()

    private func model(_ links: SpectralSettings.Links) throws -> SpectralModel {
        var settings = board.settings
        settings.linkWeight = 2
        settings.links = links
        settings.hopCount = 5
        settings.regressionCount = 5
        settings.regressionRidge = 1
        return try SpectralModel.fit(board.table, settings: settings, on: pool)
    }

    private func scores(_ model: some RecommenderModel, _ question: Question) -> [Float] {
        model.scores(for: question, given: model.trainedStatistics)
    }

    @Test("without links the model has one part and no tensors of theirs")
    func off() throws {
        let plain = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        #expect(plain.partNames == ["collaborative"])
        #expect(!plain.archive().parameters.contains { $0.name.hasPrefix("neighbours") })
    }

    @Test(
        "parts sum to the score, one question as many, and switching off leaves zeros",
        arguments: SpectralSettings.Links.allCases
    )
    func parts(links: SpectralSettings.Links) throws {
        let model = try model(links)
        #expect(model.partNames == ["collaborative", "neighbours"])
        let items = (0..<Int32(Checkerboard.size)).map { $0 }
        let questions = (0..<Checkerboard.size).map { Question(history: board.history(of: $0)) }
        let block = model.scores(for: questions, given: LiveStatistics())
        for (user, question) in questions.enumerated() {
            let scores = scores(model, question)
            let parts = model.parts(of: items, for: question, given: LiveStatistics())
            for item in items.indices {
                #expect(abs(parts[item].reduce(0, +) - scores[item]) < 1e-5)
                #expect(abs(block[user * items.count + item] - scores[item]) < 1e-5)
            }
            #expect(parts.contains { $0[1] > 0.1 })
            var off = question
            off.switchedOff = ["neighbours"]
            #expect(
                model.parts(of: items, for: off, given: LiveStatistics()).allSatisfy { $0[1] == 0 }
            )
            off.switchedOff = ["neighbours", "collaborative"]
            #expect(self.scores(model, off).allSatisfy { $0 == 0 })
        }
    }

    @Test(
        "comes back bit-equal from its archive; broken links are refused by name",
        arguments: SpectralSettings.Links.allCases
    )
    func archive(links: SpectralSettings.Links) throws {
        let model = try model(links)
        let archive = model.archive()
        let loaded = try ModelLoader.load(archive)
        let question = Question(history: board.history(of: 5))
        #expect(scores(loaded, question) == scores(model, question))
        for name in ["neighbours.offsets", "neighbours.item", "neighbours.weight"] {
            var broken = archive
            broken.parameters.removeAll { $0.name == name }
            let error = #expect(throws: ModelError.self) { try ModelLoader.load(broken) }
            #expect(error?.place == name)
        }
        var outside = archive
        outside.parameters = archive.parameters.map { tensor in
            guard tensor.name == "neighbours.item" else { return tensor }
            return Tensor(
                tensor.name,
                shape: tensor.shape,
                int32s: tensor.int32s().map { $0 + Int32(Checkerboard.size) }
            )
        }
        let error = #expect(throws: ModelError.self) { try ModelLoader.load(outside) }
        #expect(error?.place == "neighbours.item")
    }
}
