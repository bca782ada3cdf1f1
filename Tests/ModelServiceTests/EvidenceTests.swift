import Events
import Messages
import TestSupport
import Testing

@Suite("model server: evidence")
struct EvidenceTests {
    private static let monday8 = Routine.instant(week: 5, day: 0, hour: 8)

    /// Who went where from where within a day, by user: what the texts may rest on.
    private static let steps: [String: Set<String>] = {
        var last: [String: Wire.Event] = [:]
        var steps: [String: Set<String>] = [:]
        for event in TrainedFolder.routine.events {
            if let before = last[event.user], event.instantMs - before.instantMs <= 86_400_000 {
                steps[event.user, default: []].insert("\(before.item) > \(event.item)")
            }
            last[event.user] = event
        }
        return steps
    }()

    private static func othersGo(_ user: String, from sources: [String], to item: String) -> Bool {
        steps.contains { other, steps in
            other != user && sources.contains { steps.contains("\($0) > \(item)") }
        }
    }

    @Test("every sentence is borne out by the events, and parts without any stay silent")
    func truth() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let mornings = Set(
                TrainedFolder.routine.events.filter { event in
                    let at = Instant(millisecondsSinceEpoch: event.instantMs)
                    let hour = TimeSlot(at, utcOffsetMinutes: 0).hourOfWeek
                    return (7...9).contains(hour)
                }.map(\.item)
            )
            var texts: [String: Int] = [:]
            for number in 0..<6 {
                let user = Routine.user(number)
                // From somebody else's café: others go on from it, this user never did.
                let cafe = Routine.cafe(of: number + 1)
                let request = Wire.ListRequest(
                    user: user,
                    k: 40,
                    at: Wire.At(Self.monday8),
                    filter: Wire.Filter(includeSeen: true),
                    explain: .explainEvidence,
                    sessionEvents: [Routine.visit(user, cafe, at: Self.monday8)]
                )
                let own = [
                    cafe, Routine.cafe(of: number), Routine.work(of: number),
                    Routine.home(of: number), Routine.restaurant(of: number),
                ]
                for item in try await system.recommend(request).items {
                    for evidence in item.evidence {
                        texts[evidence.part, default: 0] += 1
                        let message: Comment = "\(user) \(item.id): \(evidence.text)"
                        switch evidence.part {
                        case "time": #expect(mornings.contains(item.id), message)
                        case "sequence":
                            #expect(Self.othersGo(user, from: [cafe], to: item.id), message)
                        case "collaborative":
                            #expect(Self.othersGo(user, from: own, to: item.id), message)
                        default: break
                        }
                    }
                }
            }
            #expect(texts["time", default: 0] > 0 && texts["sequence", default: 0] > 0, "\(texts)")
        }
    }
}
