import DataFiles
import Evaluation
import Events
import Foundation
import Testing
import Workers

/// The protocols on the data sets that they were published on.
@Suite(
    "list protocols on the real data",
    .enabled(if: NextPlaceFixture.sharedFolder != nil, "needs the shared data")
)
struct RealListTaskTests {
    private let folder = NextPlaceFixture.sharedFolder ?? ""
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    @Test("leave-one-out on taobao-mb repeats the counters' known figures")
    func taobao() throws {
        let held = try ListFixture.purchases("\(folder)/taobao-mb")
        #expect(held.task.instances.count == 15_449)
        #expect(held.task.groups.map(\.positions.count) == [12_852, 2_597])
        for (baseline, hits, gain) in [
            (0, 0.0113, 0.0055), (1, 0.2640, 0.1318), (2, 0.3060, 0.1498),
        ] {
            let found = try metrics(held.baselines[baseline], held.task)
            #expect(abs(found["hr@10", default: 0] - hits) < 0.002, "\(found)")
            #expect(abs(found["ndcg@10", default: 0] - gain) < 0.002, "\(found)")
        }
    }

    @Test("leave-one-out on retailrocket-mb has no target among the user's training items")
    func retailrocket() throws {
        let data = "\(folder)/retailrocket-mb"
        let task = try ListFixture.purchases(data).task
        #expect(task.instances.count == 2_174)
        #expect(task.groups.map(\.name) == ["unseen", "untouched"])
        #expect(task.groups[0].positions.count == 211)
        let validation = try ListFixture.purchases(data, part: .validation)
        #expect(validation.task.instances.count == 885)
    }

    @Test("topn-time on movielens-100k: 98 warm and 192 cold users")
    func movielens() throws {
        let split = try ListFixture.ratings("\(folder)/movielens-100k")
        #expect(split.task.train.rows.count == 79_999)
        #expect(split.task.itemCount == 1_616)
        #expect(split.task.groups.map(\.positions.count) == [192, 98])
        #expect(split.task.instances.reduce(0) { $0 + $1.relevantCount } == 11_303)
        #expect(split.task.instances.reduce(0) { $0 + $1.relevant.count } == 11_303 - 95)
    }

    @Test("sequence-validation on movielens-1m-seq: 512 users, and what plain counts reach")
    func sequences() throws {
        let task = try ListFixture.sequences("\(folder)/movielens-1m-seq")
        #expect(task.task.instances.count == 512)
        #expect(task.task.itemCount == 3_416)
        // Measured by a separate program on the same files.
        let popularity = try metrics(task.baselines[0], task.task)
        #expect(abs(popularity["ndcg@10", default: 0] - 0.017_853_39) < 1e-8)
        let transitions = try metrics(task.baselines[1], task.task)
        #expect(transitions["recall@1"] == 0.074_218_75)
        #expect(transitions["recall@10"] == 0.222_656_25)
        #expect(abs(transitions["ndcg@10", default: 0] - 0.137_251_669) < 1e-8)
    }

    @Test("session-labels on foursquare-tky-sessions: 2,173 users, 923 of them return")
    func sessions() throws {
        let labels = try ListFixture.sessions("\(folder)/foursquare-tky-sessions")
        #expect(labels.task.instances.count == 2_173)
        #expect(labels.task.itemCount == 7_011)
        let sizes = labels.task.groups.map { "\($0.name) \($0.positions.count)" }
        #expect(sizes[2] == "unseen 5")
        #expect(labels.task.instances.count { $0.group == "returns" } == 923)
        let count = try metrics(labels.baselines[3], labels.task)
        let popularity = try metrics(labels.baselines[0], labels.task)
        #expect(count["recall@10", default: 0] > 2 * popularity["recall@10", default: 1])
    }

    @Test("next-place-pairs on foursquare-calgary asks for every check-in but each user's first")
    func calgary() throws {
        let rows = try CheckInPairs.read("\(folder)/foursquare-calgary").rows
        let data = NextPlaceData(rows.map(NextPlaceFixture.checkIn))
        let place = NextPlaceProtocol(.pairs, data)
        let test = rows.filter { $0.part == .test }
        #expect(place.instances.count == test.count - Set(test.map(\.user)).count)
        let items = Set(rows.filter { $0.part == .train }.map(\.place))
        #expect(place.data.catalogue.items.count == items.count)
        #expect(place.instances.contains { $0.target < 0 })
        let baselines = NextPlaceBaselines(place)
        let count = baselines.answers(of: .count, near: NearItems(place), on: pool)
        let misses = zip(count.ranks, place.instances).filter { $1.target < 0 }
        #expect(misses.allSatisfy { $0.0 == .infinity })
        let accuracy = baselines.ranks(of: .popularity, on: pool).accuracy(at: 10)
        #expect(NextPlaceMetrics(ranks: count.ranks).accuracy(at: 10) > 2 * accuracy)
        let validation = NextPlaceProtocol(.pairs, data.cutByUser(), part: .validation)
        #expect(validation.instances.count > 500)
        #expect(validation.data.test.isEmpty)
    }

    private func metrics(_ baseline: ListTask.Baseline, _ task: ListTask) throws -> [String: Double]
    {
        let outcomes = task.outcomes(of: task.rankings(of: baseline, on: pool), embeddingsOf: nil)
        return Dictionary(outcomes.metrics.map { ($0.name, $0.value) }) { first, _ in first }
    }
}
