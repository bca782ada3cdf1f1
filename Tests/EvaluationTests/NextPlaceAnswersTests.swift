import Embeddings
import Evaluation
import Events
import Models
import Testing
import Training
import Workers

@Suite("next-place answers")
struct NextPlaceAnswersTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    @Test("lists, groups and distances belong to the same instances as the ranks")
    func answers() throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let place = NextPlaceProtocol(.sthgcn, data)
        let baselines = NextPlaceBaselines(place)
        let answers = baselines.answers(of: .countMarkov, near: NearItems(place), on: pool)
        #expect(answers.ranks == baselines.ranks(of: .countMarkov, on: pool).ranks)
        let outcomes = answers.outcomes(
            Outcomes.ListContext(
                counts: [Float](repeating: 1, count: place.data.catalogue.items.count),
                embeddings: nil
            )
        )
        let metrics = Dictionary(outcomes.metrics.map { ($0.name, $0.value) }) { first, _ in first }
        let plain = NextPlaceMetrics(ranks: answers.ranks)
        for k in [1, 5, 10, 20] { #expect(metrics["acc@\(k)"] == plain.accuracy(at: k)) }
        #expect(metrics["mrr"] == plain.meanReciprocalRank)
        for k in [1, 10] {
            let near = try #require(metrics["within-1km@\(k)"])
            #expect(near >= plain.accuracy(at: k), "the target is within a kilometre of itself")
        }
        #expect(metrics["median-km", default: -1] >= 0)
        let positions = place.groups.flatMap(\.positions)
        #expect(positions.sorted() == Array(place.instances.indices))
        let hours = place.details.filter { $0.name.hasPrefix("hour-of-week/") }
        let cells = place.details.filter { $0.name.hasPrefix("cell/") }
        #expect(hours.reduce(0) { $0 + $1.positions.count } == place.instances.count)
        #expect(cells.reduce(0) { $0 + $1.positions.count } == place.instances.count)
        #expect(hours.count > 1 && cells.count > 1)
    }

    @Test("pairs hide the time too: shifted targets give the same ranks to the bit")
    func hiddenTimeOfPairs() throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let place = NextPlaceProtocol(.pairs, data)
        var settings = ChronotopeSettings()
        settings.passCount = 1
        settings.rank = 4
        let model = try ChronotopeTraining.fit(
            place.data.trainingTable,
            settings: settings,
            validationStart: place.data.validationStart,
            on: pool
        )
        let before = place.ranks(of: model, history: .open, on: pool)
        var shifted = place
        for index in shifted.instances.indices {
            shifted.instances[index].instant.millisecondsSinceEpoch += 11 * 3_600_000
            shifted.instances[index].utcOffsetMinutes = 600
        }
        #expect(shifted.ranks(of: model, history: .open, on: pool) == before)
        #expect(place.instances.contains { $0.target < 0 }, "some targets are new places")
        #expect(before.ranks.contains(.infinity))
    }

    @Test("pairs cut by user leave the later part of training to be asked, and no test rows")
    func cutByUser() throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let cut = data.cutByUser(share: 0.25)
        #expect(cut.train.count + cut.validation.count == data.train.count)
        #expect(cut.test.isEmpty)
        for user in Set(data.train.map(\.user)) {
            let count = data.train.count { $0.user == user }
            let late = cut.validation.filter { $0.user == user }
            #expect(late.count == Int(Double(count) * 0.25))
            let last = cut.train.last { $0.user == user }
            if let last, let first = late.first { #expect(last.instant <= first.instant) }
        }
    }
}
