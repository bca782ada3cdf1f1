import Evaluation
import Events
import Models
import Testing
import Training
import Workers

/// What a model may know of the future: nothing. Scores are compared to the bit.
@Suite("leaks of the future")
struct LeakTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    enum Family: String, CaseIterable, Sendable {
        case chronotope, spectral, lightgcn, gcn

        var readsTimes: Bool { self == .chronotope || self == .gcn }

        /// Small enough for the golden town, large enough to say something.
        func model(
            of table: EventTable,
            validationStart: Instant?,
            on pool: WorkerPool
        ) throws -> any RecommenderModel {
            switch self {
            case .chronotope:
                var settings = ChronotopeSettings()
                settings.passCount = 1
                settings.rank = 4
                return try ChronotopeTraining.fit(
                    table,
                    settings: settings,
                    validationStart: validationStart,
                    on: pool
                )
            case .spectral:
                var settings = SpectralSettings()
                settings.rank = 8
                return try SpectralModel.fit(table, settings: settings, on: pool)
            case .lightgcn:
                var settings = LightGCNSettings()
                settings.dimension = 8
                settings.passCount = 2
                settings.lowPassRank = 8
                return try LightGCNTraining.fit(table, settings: settings, on: pool)
            case .gcn:
                var settings = GCNSettings()
                settings.dimension = 8
                settings.passCount = 2
                settings.windowCount = 2
                return try GCNTraining.fit(
                    table,
                    settings: settings,
                    validationStart: validationStart,
                    on: pool
                )
            }
        }
    }

    @Test("every family of this release is asked")
    func families() {
        let known = ModelLoader.familyNames.filter { Family(rawValue: $0) == nil }
        #expect(known.isEmpty, "no leak test of \(known)")
    }

    private func model(
        _ family: Family,
        for place: NextPlaceProtocol
    ) throws -> any RecommenderModel {
        try family.model(
            of: place.data.trainingTable,
            validationStart: place.data.validationStart,
            on: pool
        )
    }

    private func answers(
        of model: any RecommenderModel,
        to place: NextPlaceProtocol,
        _ history: NextPlaceProtocol.History
    ) -> [UInt64] {
        let recorder = ScoreRecorder(model)
        _ = place.ranks(of: recorder, history: history, on: pool)
        return recorder.answers
    }

    @Test(
        "a hidden time is never read: shifted targets give the same bits",
        arguments: [NextPlaceProtocol.Name.getnext, .sthgcn, .pairs],
        Family.allCases
    )
    func hiddenTime(_ name: NextPlaceProtocol.Name, _ family: Family) throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let place = NextPlaceProtocol(name, data)
        let model = try model(family, for: place)
        var shifted = place
        for index in shifted.instances.indices {
            shifted.instances[index].instant.millisecondsSinceEpoch += 11 * 3_600_000
            shifted.instances[index].utcOffsetMinutes = 600
        }
        for history in [NextPlaceProtocol.History.open, .strict] {
            let before = answers(of: model, to: place, history)
            #expect(before.count == place.instances.count && Set(before).count > 3)
            #expect(answers(of: model, to: shifted, history) == before)
        }
    }

    @Test("the shift shows where the time is given, for families that read times")
    func givenTime() throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let place = NextPlaceProtocol(.sthgcnTimed, data)
        var shifted = place
        for index in shifted.instances.indices {
            shifted.instances[index].instant.millisecondsSinceEpoch += 11 * 3_600_000
        }
        for family in Family.allCases {
            let model = try model(family, for: place)
            let isSame =
                answers(of: model, to: shifted, .open) == answers(of: model, to: place, .open)
            #expect(isSame == !family.readsTimes, "\(family)")
        }
    }

    /// What may happen to the rows at and after a target's instant, the target's own row apart.
    enum Change: CaseIterable, Sendable {
        case changed, removed, added

        func rows(_ rows: [EventRow], from target: NextPlaceInstance) -> [EventRow] {
            let isLate = { (row: EventRow) in row.instant >= target.instant }
            let isTarget = { (row: EventRow) in
                row.instant == target.instant && row.user == target.user
            }
            switch self {
            case .changed:
                return rows.map { row in
                    guard isLate(row), !isTarget(row) else { return row }
                    var row = row
                    row.item = rows[0].item
                    row.instant.millisecondsSinceEpoch += 7_200_000
                    row.value = 5
                    return row
                }
            case .removed:
                return rows.filter { !isLate($0) || isTarget($0) }
            case .added:
                // Others are where they will be later at the very instant of the target.
                return rows
                    + rows.filter { isLate($0) && $0.user != target.user }.map { row in
                        var row = row
                        row.instant = target.instant
                        row.session += 100_000
                        return row
                    }
            }
        }
    }

    /// Targets spread over the part.
    private func targets(of place: NextPlaceProtocol) -> [NextPlaceInstance] {
        let count = place.instances.count
        return [0, count / 3, count - 3].map { place.instances[$0] }
    }

    @Test(
        "what happens at a target's instant or later changes no bit of its scores",
        arguments: NextPlaceProtocol.Name.allCases,
        Family.allCases
    )
    func future(_ name: NextPlaceProtocol.Name, _ family: Family) throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let place = NextPlaceProtocol(name, data)
        let model = try model(family, for: place)
        for target in targets(of: place) {
            var alone = place
            alone.instances = [target]
            let before = [NextPlaceProtocol.History.open, .strict].map {
                answers(of: model, to: alone, $0)
            }
            for change in Change.allCases {
                let other = NextPlaceProtocol(
                    name,
                    NextPlaceData(
                        users: data.users,
                        catalogue: data.catalogue,
                        actions: data.actions,
                        train: data.train,
                        validation: data.validation,
                        test: change.rows(data.test, from: target)
                    )
                )
                var asked = other
                asked.instances = other.instances.filter {
                    $0.user == target.user && $0.instant == target.instant
                }
                #expect(asked.instances.count == 1, "\(name), \(family), \(change)")
                let after = [NextPlaceProtocol.History.open, .strict].map {
                    answers(of: model, to: asked, $0)
                }
                #expect(after == before, "\(name), \(family), \(change)")
            }
        }
    }

    @Test("what happens right before a target does change its scores", arguments: Family.allCases)
    func past(_ family: Family) throws {
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        let place = NextPlaceProtocol(.sthgcn, data)
        let model = try model(family, for: place)
        let target = place.instances[place.instances.count / 2]
        var (alone, other) = (place, place)
        alone.instances = [target]
        let early = NextPlaceData(
            users: data.users,
            catalogue: data.catalogue,
            actions: data.actions,
            train: data.train,
            validation: data.validation,
            test: data.test.map { row in
                var row = row
                if row.user == target.user, row.instant < target.instant {
                    row.item = data.train[0].item
                }
                return row
            }
        )
        other = NextPlaceProtocol(.sthgcn, early)
        other.instances = [target]
        #expect(answers(of: model, to: other, .open) != answers(of: model, to: alone, .open))
    }

    @Test(
        "topn-time: ratings at the cut or later change neither the model nor any history",
        arguments: Family.allCases
    )
    func topNTime(_ family: Family) throws {
        let ratings = Self.ratings
        let cut = ratings.rows[Int(Double(ratings.rows.count) * TimeSplit.trainShare)].instant
        let before = TimeSplit(ratings, part: .test).task
        let answers = try answers(of: family, to: before)
        #expect(Set(answers).count > 3)
        var (changed, thinner) = (ratings, ratings)
        for index in changed.rows.indices where changed.rows[index].instant >= cut {
            changed.rows[index].item = (changed.rows[index].item + 1) % 10
            changed.rows[index].value = 5
        }
        // The cut is where a share of the ratings is: one of two late ones goes, and comes again.
        let late = thinner.rows.indices.filter { thinner.rows[$0].instant > cut }
        for (index, next) in zip(late, late.dropFirst()) where index % 2 == 0 {
            thinner.rows[index] = thinner.rows[next]
        }
        for other in [changed, thinner] {
            let task = TimeSplit(other, part: .test).task
            #expect(task.train.rows == before.train.rows)
            #expect(try self.answers(of: family, to: task) == answers)
        }
    }

    /// The model's answers to the histories of all users of the task, trained on the task.
    private func answers(of family: Family, to task: ListTask) throws -> [UInt64] {
        let model = try family.model(of: task.train, validationStart: nil, on: pool)
        return (0..<task.train.users.count).map { user in
            let history = UserHistory(
                task.train.rows.filter { $0.user == Int32(user) }.map { UserHistory.Entry($0) }
            )
            let scores = model.scores(
                for: Question(history: history),
                given: model.trainedStatistics
            )
            return ScoreRecorder.fingerprint(scores)
        }
    }

    /// 12 users rate 10 items, one every third hour.
    private static var ratings: EventTable {
        var generator = SeededNumbers(seed: 5)
        return EventTable(
            users: Vocabulary((10..<22).map { "u\($0)" }),
            catalogue: ItemTable(
                items: Vocabulary((10..<20).map { "i\($0)" }),
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: 10),
                place: Array(repeating: nil, count: 10)
            ),
            actions: Vocabulary(["rate"]),
            rows: (0..<400).map { number in
                let user = Int32(generator.next(12))
                return EventRow(
                    user: user,
                    item: Int32((Int(user) + generator.next(4)) % 10),
                    instant: Instant(secondsSinceEpoch: 800_000_000 + Int64(number) * 10_800),
                    value: Float(1 + generator.next(5))
                )
            }
        )
    }
}

/// Numbers that look random, for test data.
private struct SeededNumbers {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % count
    }
}
