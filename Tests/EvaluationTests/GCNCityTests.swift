import Evaluation
import Events
import Models
import Testing
import Training
import Workers

/// On the validation part of the city's check-ins, trained on the training part alone.
@Suite(
    "gcn on the city",
    .enabled(if: NextPlaceFixture.cityFolder != nil, "the New York data is not here")
)
struct GCNCityTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    /// Few passes of few numbers: enough for the claims.
    private var quick: GCNSettings {
        var settings = GCNSettings()
        settings.dimension = 48
        settings.passCount = 6
        settings.windowCount = 8
        settings.labelShare = 0.7
        return settings
    }

    private func place() throws -> NextPlaceProtocol {
        let folder = try #require(NextPlaceFixture.cityFolder)
        return NextPlaceProtocol(.sthgcn, try NextPlaceFixture.read(folder), part: .validation)
    }

    @Test("is far ahead of popularity, also for users whom training never saw")
    func users() throws {
        var place = try place()
        let isStranger = { (user: Int32) in user % 5 == 0 }
        var table = place.data.trainTable
        table.rows.removeAll { isStranger($0.user) }
        let model = try GCNTraining.fit(table, settings: quick, on: pool)
        let all = place.instances
        var counts = [Float](repeating: 0, count: table.catalogue.items.count)
        for row in table.rows { counts[Int(row.item)] += 1 }
        for (name, chosen) in [
            ("known", all.filter { !isStranger($0.user) }),
            ("strangers", all.filter { isStranger($0.user) }),
        ] {
            place.instances = chosen
            #expect(chosen.count > 150)
            let found = place.ranks(of: model, history: .open, on: pool).accuracy(at: 20)
            let popularity = NextPlaceMetrics(
                ranks: chosen.map { Metrics.expectedRank(of: Int($0.target), in: counts) }
            ).accuracy(at: 20)
            #expect(found > 1.5 * popularity, "\(name): \(found), popularity \(popularity)")
        }
    }

    @Test("an item with a category and a place but no events is found far above chance")
    func items() throws {
        let place = try place()
        let isCold = { (item: Int32) in item % 10 == 0 }
        var table = place.data.trainTable
        table.rows.removeAll { isCold($0.item) }
        let model = try GCNTraining.fit(table, settings: quick, on: pool)
        let cold = table.catalogue.items.ids.indices.filter { isCold(Int32($0)) }
        var instances = 0
        var hits = 0
        for instance in place.instances where isCold(instance.target) {
            let history = UserHistory(
                table.rows.filter { $0.user == instance.user }.map { UserHistory.Entry($0) }
            )
            let scores = model.scores(
                for: Question(history: history),
                given: model.trainedStatistics
            )
            let target = scores[Int(instance.target)]
            instances += 1
            hits += cold.count { scores[$0] >= target } <= 20 ? 1 : 0
        }
        let chance = 20 / Double(cold.count)
        #expect(instances > 50)
        #expect(Double(hits) > 1.5 * chance * Double(instances), "\(hits) of \(instances)")
    }
}
