import Evaluation
import Events
import Models
import Testing
import Training
import Workers

@Suite("next-place evaluation")
struct NextPlaceEvaluationTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    private func model(for data: NextPlaceData) throws -> ChronotopeModel {
        var settings = ChronotopeSettings()
        settings.passCount = 1
        settings.rank = 4
        return try ChronotopeTraining.fit(
            data.trainingTable,
            settings: settings,
            validationStart: data.validationStart,
            on: pool
        )
    }

    @Test("a hidden time is never read: shifted targets give the same ranks to the bit")
    func hiddenTime() throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let hidden = NextPlaceProtocol(.sthgcn, data)
        let timed = NextPlaceProtocol(.sthgcnTimed, data)
        let model = try model(for: hidden.data)
        for history in [NextPlaceProtocol.History.open, .strict] {
            let before = hidden.ranks(of: model, history: history, on: pool)
            let timedBefore = timed.ranks(of: model, history: history, on: pool)
            var (shifted, timedShifted) = (hidden, timed)
            for index in shifted.instances.indices {
                shifted.instances[index].instant.millisecondsSinceEpoch += 11 * 3_600_000
                shifted.instances[index].utcOffsetMinutes = 600
                timedShifted.instances[index].instant.millisecondsSinceEpoch += 11 * 3_600_000
            }
            #expect(shifted.ranks(of: model, history: history, on: pool) == before)
            #expect(timedShifted.ranks(of: model, history: history, on: pool) != timedBefore)
        }
    }

    @Test("no event at or after a target's instant is read")
    func future() throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let place = NextPlaceProtocol(.sthgcn, data)
        let model = try model(for: place.data)
        let before = place.ranks(of: model, history: .open, on: pool)
        let number = place.instances.count / 2
        let instant = place.instances[number].instant
        // What happens from that instant on happens elsewhere.
        let changed = NextPlaceData(
            users: data.users,
            catalogue: data.catalogue,
            actions: data.actions,
            train: data.train,
            validation: data.validation,
            test: data.test.map { row in
                var row = row
                if row.instant >= instant { row.item = data.train[0].item }
                return row
            }
        )
        var other = NextPlaceProtocol(.sthgcn, changed)
        other.instances = place.instances
        let after = other.ranks(of: model, history: .open, on: pool)
        #expect(after.ranks[...number] == before.ranks[...number])
        #expect(after != before, "later instances do read those events")
    }

    @Test("strict history reads nothing of other users' test part")
    func strict() throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let place = NextPlaceProtocol(.sthgcn, data)
        let model = try model(for: place.data)
        let before = place.ranks(of: model, history: .strict, on: pool)
        var alone = NextPlaceProtocol(
            .sthgcn,
            NextPlaceData(
                users: data.users,
                catalogue: data.catalogue,
                actions: data.actions,
                train: data.train,
                validation: [],
                test: []
            )
        )
        alone.instances = place.instances
        #expect(alone.ranks(of: model, history: .strict, on: pool) == before)
        #expect(place.ranks(of: model, history: .open, on: pool) != before)
    }

    @Test("metrics on paper")
    func metrics() {
        let metrics = NextPlaceMetrics(ranks: [1, 2, 10.5, 20])
        #expect(metrics.accuracy(at: 1) == 0.25)
        #expect(metrics.accuracy(at: 10) == 0.5)
        #expect(metrics.accuracy(at: 20) == 1)
        #expect(abs(metrics.meanReciprocalRank - (1 + 0.5 + 1 / 10.5 + 0.05) / 4) < 1e-15)
        #expect(NextPlaceMetrics(ranks: []).meanReciprocalRank == 0)
        #expect(metrics.metrics.map(\.name) == ["acc@1", "acc@5", "acc@10", "acc@20", "mrr"])
    }
}
