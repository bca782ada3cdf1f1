import Events
import Patterns
import Testing
import Workers

@Suite("patterns of a town whose truth is known")
struct TownTests {
    static let pool = WorkerPool(name: "patterns", threadCount: 2, queueLimit: 1)

    @Test(
        "at least 95 of 100 planted patterns are found and at most 5 of 100 reported are false",
        arguments: [UInt64(1), 2, 3]
    )
    func planted(seed: UInt64) throws {
        let town = SyntheticTown(TownSettings(seed: seed))
        let mined = try PatternMiner.mine(town.input, on: Self.pool)
        let comparison = TownComparison(mined.patterns, with: town)
        let missed = zip(town.truth.planted, comparison.found).filter { $1 == nil }.map(\.0)
        #expect(comparison.foundShare >= 0.95, "seed \(seed), missed: \(missed)")
        let texts = comparison.falsePatterns.map { "\($0.canonicalText) lift \($0.lift)" }
        #expect(
            comparison.falseShare <= 0.05,
            "seed \(seed), false of \(comparison.reportedCount): \(texts)"
        )
    }

    @Test("a town without patterns has next to none", arguments: [UInt64(1), 2, 3])
    func nothing(seed: UInt64) throws {
        let town = SyntheticTown(TownSettings(seed: seed).withoutPatterns)
        let mined = try PatternMiner.mine(town.input, on: Self.pool)
        #expect(mined.testCount > 100_000)
        #expect(mined.patterns.count <= 1, "\(mined.patterns.map(\.canonicalText))")
    }
}

@Suite("the synthetic town")
struct SyntheticTownTests {
    @Test("the same settings give the same town, another seed another one")
    func repeats() {
        let settings = TownSettings(seed: 4, userCount: 60)
        let (one, two) = (SyntheticTown(settings), SyntheticTown(settings))
        #expect(one.input.table.rows == two.input.table.rows)
        #expect(one.truth.causes == two.truth.causes)
        var other = settings
        other.seed = 5
        #expect(SyntheticTown(other).input.table.rows != one.input.table.rows)
    }

    @Test("causes and contexts stand beside their rows, which are in canonical order")
    func columns() throws {
        let town = SyntheticTown(TownSettings(userCount: 200))
        let table = town.input.table
        #expect(town.truth.causes.count == table.rows.count)
        #expect(town.input.contexts?.indices.count == table.rows.count)
        for (row, cause) in zip(table.rows, town.truth.causes) where cause >= 0 {
            let planted = town.truth.planted[Int(cause)]
            guard planted.kind == .routine, let slots = planted.antecedent.slots else { continue }
            let slot = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes))
            #expect(slots.contains(slot), "\(planted) at \(slot)")
            if let user = planted.antecedent.user {
                #expect(table.users.ids[Int(row.user)] == user)
            }
        }
        let instants = table.rows.map(\.instant)
        #expect(zip(instants, instants.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test("deviations are those that it says: strange events happened, missed routines did not")
    func deviations() throws {
        let settings = TownSettings()
        let town = SyntheticTown(settings)
        let table = town.input.table
        var strange = 0
        for deviation in town.truth.deviations {
            switch deviation.kind {
            case .strangeEvent(let row):
                strange += 1
                let event = table.rows[row]
                #expect(event.instant.millisecondsSinceEpoch == deviation.instantMilliseconds)
                let slot = TimeSlot(event.instant, utcOffsetMinutes: Int(event.utcOffsetMinutes))
                #expect(slot.hourOfDay == 3)
                #expect(table.users.ids[Int(event.user)] == deviation.user)
            case .missedRoutine(let planted):
                #expect(town.truth.planted[planted].antecedent.user == deviation.user)
                let day = deviation.instantMilliseconds / 86_400_000
                let happened = zip(table.rows, town.truth.causes).contains { row, cause in
                    Int(cause) == planted && row.instant.millisecondsSinceEpoch / 86_400_000 == day
                }
                #expect(!happened)
            }
        }
        #expect(strange == settings.deviationCount)
        #expect(town.truth.deviations.count > 2 * settings.deviationCount)
    }

    @Test("a town has about as many events as asked for", arguments: [10_000, 100_000])
    func size(eventCount: Int) {
        let town = SyntheticTown(.sized(eventCount: eventCount))
        let count = town.input.table.rows.count
        #expect((eventCount * 7 / 10...eventCount * 14 / 10).contains(count), "\(count)")
    }
}
