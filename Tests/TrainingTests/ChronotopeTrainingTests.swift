import Embeddings
import Events
import Models
import Testing
import Training
import Workers

@Suite("chronotope training")
struct ChronotopeTrainingTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    private var quick: ChronotopeSettings {
        var settings = ChronotopeSettings()
        settings.passCount = 2
        settings.rank = 4
        return settings
    }

    @Test("one thread and two give byte-equal tensors")
    func threads() throws {
        let table = Commuters.table(seed: 1)
        let pair = WorkerPool(name: "pair", threadCount: 2, queueLimit: 1)
        let first = try ChronotopeTraining.fit(table, settings: quick, on: pool).archive()
        let second = try ChronotopeTraining.fit(table, settings: quick, on: pair).archive()
        let tensors = zip(first.items + first.parameters, second.items + second.parameters)
        for (one, two) in tensors {
            #expect(one.name == two.name)
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
    }

    @Test("a fit that is told to stop ends at the mini-batch, not at the end of the pass")
    func stop() throws {
        let table = Commuters.table(seed: 1)
        var shares: [Double] = []
        var passCount = 0
        _ = try ChronotopeTraining.fit(table, settings: quick, on: pool) { _ in
            passCount += 1
            return true
        } step: { done in
            shares.append(done)
            return shares.count < 3
        }
        #expect(shares.count == 3 && shares == shares.sorted(), "\(shares)")
        #expect(passCount == 0)
    }

    @Test("a passing share keeps every target that ends a trajectory, and that share of the others")
    func passingShare() throws {
        var table = Commuters.table(seed: 1)
        // Every third day off ends a trajectory.
        table.rows.removeAll { $0.instant.millisecondsSinceEpoch / 86_400_000 % 3 == 2 }
        let counts = try [1, 0.5, 0].map { share in
            var settings = quick
            settings.passCount = 1
            settings.passingShare = share
            var count = 0
            _ = try ChronotopeTraining.fit(table, settings: settings, on: pool) { report in
                count = report.targetCount
                return false
            }
            return count
        }
        #expect(counts[2] > 0 && counts[2] < counts[1] && counts[1] < counts[0], "\(counts)")
        #expect(abs(counts[1] - (counts[0] + counts[2]) / 2) <= 1, "\(counts)")
    }

    @Test("another seed gives another model")
    func seeds() throws {
        let table = Commuters.table(seed: 1)
        var settings = quick
        let first = try ChronotopeTraining.fit(table, settings: settings, on: pool).archive()
        settings.seed = 2
        let second = try ChronotopeTraining.fit(table, settings: settings, on: pool).archive()
        #expect(zip(first.parameters, second.parameters).contains { $0.allBytes != $1.allBytes })
    }

    @Test("learns who goes where at which hour", arguments: 1...2)
    func commuters(seed: UInt64) throws {
        let table = Commuters.table(seed: seed)
        var settings = ChronotopeSettings()
        settings.rank = 4
        settings.seed = seed
        var losses: [Double] = []
        let model = try ChronotopeTraining.fit(table, settings: settings, on: pool) { report in
            losses.append(report.trainingLoss[0])
            return true
        }
        #expect(losses.count == settings.passCount)
        // A third of the events is one of 50 items at random: log(50) / 3 = 1.30 is all there is
        // to learn, but for what chance repeats.
        #expect((losses.last ?? 9) < 1.4 && (losses.first ?? 0) > 1.4, "\(losses)")
        var hits = 0
        for user in 0..<Commuters.userCount {
            let history = UserHistory(
                table.rows.filter { $0.user == Int32(user) }.map { UserHistory.Entry($0) }
            )
            for (hour, item) in [(8, Commuters.work(of: user)), (19, Commuters.home(of: user))] {
                let question = Question(
                    history: history,
                    instant: Commuters.instant(day: Commuters.days, hour: hour)
                )
                let scores = model.scores(for: question, given: model.trainedStatistics)
                if scores.indices.max(by: { scores[$0] < scores[$1] }) == item { hits += 1 }
            }
        }
        #expect(hits >= Commuters.userCount * 2 * 9 / 10, "seed \(seed): \(hits) hits")
    }

    @Test("what is learned never depends on the validation slice")
    func validationSlice() throws {
        let table = Commuters.table(seed: 3)
        let border = Commuters.instant(day: Commuters.days - 5, hour: 0)
        var other = table
        for index in other.rows.indices where other.rows[index].instant >= border {
            other.rows[index].item = (other.rows[index].item + 1) % Int32(Commuters.itemCount)
        }
        // One pass, so that early stopping has nothing to choose.
        var settings = quick
        settings.passCount = 1
        let archives = try [table, other].map { table in
            try ChronotopeTraining.fit(
                table,
                settings: settings,
                validationStart: border,
                isRefitted: false,
                on: pool
            ).archive()
        }
        for (one, two) in zip(archives[0].parameters, archives[1].parameters) {
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
    }

    @Test("the caller can stop after a pass")
    func cancel() throws {
        var passes = 0
        _ = try ChronotopeTraining.fit(Commuters.table(seed: 1), settings: quick, on: pool) { _ in
            passes += 1
            return false
        }
        #expect(passes == 1)
    }

    @Test("too little data is refused by name")
    func tooLittle() {
        var table = Commuters.table(seed: 1)
        table.rows = Array(table.rows.prefix(10))
        let error = #expect(throws: ModelError.self) {
            try ChronotopeTraining.fit(table, settings: quick, on: pool)
        }
        #expect(error?.code == .notEnoughData)
        #expect(error?.problem.contains("10 events") == true)
    }

    @Test("no places, no categories, one instant for all: finite scores")
    func poorData() throws {
        var table = Commuters.table(seed: 1)
        let count = table.catalogue.items.count
        table.catalogue.categories = Vocabulary([])
        table.catalogue.category = Array(repeating: -1, count: count)
        table.catalogue.place = Array(repeating: nil, count: count)
        for isFrozen in [false, true] {
            if isFrozen {
                for index in table.rows.indices {
                    table.rows[index].instant = Instant(secondsSinceEpoch: 1_000_000)
                }
            }
            let model = try ChronotopeTraining.fit(table, settings: quick, on: pool)
            for question in [
                Question(history: UserHistory()),
                Question(history: UserHistory([UserHistory.Entry(table.rows[0])])),
                Question(
                    history: UserHistory([UserHistory.Entry(table.rows[0])]),
                    instant: Instant(secondsSinceEpoch: 1_000_000)
                ),
            ] {
                let scores = model.scores(for: question, given: model.trainedStatistics)
                #expect(scores.allSatisfy { $0.isFinite })
            }
        }
    }
}

/// Users who are at work in the morning and at home in the evening, and somewhere at noon.
enum Commuters {
    static let userCount = 15
    static let itemCount = 50
    static let days = 40

    static func work(of user: Int) -> Int { user }
    static func home(of user: Int) -> Int { 49 - user }

    /// Monday 1970-01-05 is day 0.
    static func instant(day: Int, hour: Int) -> Instant {
        Instant(secondsSinceEpoch: Int64(4 + day) * 86_400 + Int64(hour) * 3_600)
    }

    static func table(seed: UInt64) -> EventTable {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        var rows: [EventRow] = []
        for user in 0..<userCount {
            for day in 0..<days {
                for (hour, item) in [(8, work(of: user)), (12, random(50)), (19, home(of: user))] {
                    rows.append(
                        EventRow(
                            user: Int32(user),
                            item: Int32(item),
                            instant: instant(day: day, hour: hour)
                        )
                    )
                }
            }
        }
        return EventTable(
            users: Vocabulary((0..<userCount).map { "u\($0 + 10)" }),
            catalogue: ItemTable(
                items: Vocabulary((0..<itemCount).map { "i\($0 + 10)" }),
                categories: Vocabulary(["home", "noon", "work"]),
                category: (0..<itemCount).map { $0 < 15 ? 2 : $0 < 35 ? 1 : 0 },
                place: (0..<itemCount).map {
                    Place(latitudeDegrees: 40 + Double($0) * 0.01, longitudeDegrees: -74)
                }
            ),
            actions: Vocabulary(["checkin"]),
            rows: rows
        )
    }
}

extension Tensor {
    var allBytes: [UInt8] {
        withBytes { span in
            (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }
}
