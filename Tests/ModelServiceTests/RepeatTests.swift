import Events
import Glibc
import Messages
import ModelService
import ModelStorage
import RPC
import TestSupport
import Testing

@Suite("model server: repeats in the log")
struct RepeatTests {
    private static func event(_ item: String, id: String = "", second: Int64 = 0) -> Event {
        Event(
            id: id,
            user: "u",
            item: item,
            action: "checkin",
            instant: Instant(secondsSinceEpoch: second)
        )
    }

    @Test("an event repeats one of its id, and one that says the same")
    func rules() {
        var filter = RepeatFilter()
        let events = [
            Self.event("a", id: "1"), Self.event("b", id: "1", second: 9), Self.event("a"),
            Self.event("a", id: "2"), Self.event("a", second: 1),
        ]
        let admitted = zip(events, [0, 1, 2, 5, 7]).map { filter.admits($0, at: $1) }
        #expect(admitted == [true, false, false, false, true])
        #expect((0..<9).filter { filter.isRepeat(at: $0) } == [1, 2, 5])
    }

    @Test("remembers no more than its limit, the newest")
    func limit() {
        var filter = RepeatFilter(limit: 3)
        var offset: UInt64 = 0
        let admitted = ["0", "1", "2", "3", "0", "3"].map { item in
            defer { offset += 1 }
            return filter.admits(Self.event(item), at: offset)
        }
        #expect(admitted == [true, true, true, true, true, false], "the first is forgotten")
        let repeats = (6..<20).map { filter.admits(Self.event("3"), at: $0) }
        #expect(repeats == Array(repeating: false, count: 14))
        #expect(filter.isRepeat(at: 19) && !filter.isRepeat(at: 5))
    }

    @Test("a repeat about a user of another shard is counted once too")
    func otherShards() async throws {
        try await TestSystem.run { system in
            let visit = Routine.visit("u", "cafe", at: Routine.start)
            let later = Routine.visit("u", "cafe", at: Routine.instant(week: 0, hour: 1))
            try await system.ingest.put([visit, visit, later, visit])
            let other = (system.shards.shard(of: "u") + 1) % 64
            let node = system.node(shards: other..<other + 1)
            #expect(await eventually { node.isReady })
            let reply = try await node.client.call(
                Methods.modelTrending,
                Wire.ListRequest(k: 1, at: Wire.At(Routine.instant(week: 0, hour: 2))),
                timeout: .seconds(10)
            )
            #expect(reply.items.first?.score == log1p(2))
            await node.stop()
        }
    }
}
