import Foundation
import ModelStorage
import Testing

@Suite("aliases")
struct AliasTests {
    private let fixture: StoreFixture
    private let store: ModelStore
    private let versions: [ModelVersion]

    init() throws {
        fixture = try StoreFixture()
        store = try fixture.open(.publisher)
        versions = try fixture.publish(3, into: store)
    }

    private func set(_ index: Int, expected: UInt64? = nil) throws -> AliasTable {
        try store.setAlias(
            "stable",
            to: versions[index],
            who: "ann",
            why: "test",
            expectedGeneration: expected
        )
    }

    @Test("an alias moves, and the history says who, when, why, from and to")
    func move() throws {
        _ = try set(0)
        let table = try set(2)
        #expect(table.aliases == ["latest": versions[2], "stable": versions[2]])
        #expect(try fixture.open(.reader).aliases() == table)
        let last = try #require(store.history().last)
        #expect(last.alias == "stable" && last.from == versions[0] && last.to == versions[2])
        #expect(last.who == "ann" && last.why == "test" && last.milliseconds == 1_000)
        #expect(last.generation == table.generation && last.action == .set)
        #expect(try store.history().map(\.action) == [.publish, .publish, .publish, .set, .set])
    }

    @Test("a move decided on an older table changes nothing")
    func generation() throws {
        let first = try set(0)
        let second = try set(1, expected: first.generation)
        #expect(errorCode { _ = try set(2, expected: first.generation) } == .aliasMoved)
        #expect(try store.aliases() == second)
    }

    @Test("rollback walks back one move at a time, then says there is no more")
    func rollback() throws {
        for index in 0..<3 { _ = try set(index) }
        func back() throws -> ModelVersion? {
            try store.rollback("stable", who: "ann", why: "bad").aliases["stable"]
        }
        #expect(try back() == versions[1])
        #expect(try back() == versions[0])
        #expect(errorCode { _ = try back() } == .versionNotFound)
        _ = try set(2)
        #expect(try back() == versions[0])
        #expect(
            errorCode { _ = try store.rollback("canary", who: "a", why: "b") } == .aliasNotFound
        )
    }

    @Test("a rollback whose target was chosen on an older table changes nothing")
    func rollbackRace() throws {
        for index in 0..<2 { _ = try set(index) }
        var moved: AliasTable?
        let code = errorCode {
            _ = try store.rollback("stable", who: "ann", why: "bad") { target in
                #expect(target == versions[0])
                moved = try? set(2)
            }
        }
        #expect(code == .aliasMoved)
        #expect(try store.aliases() == moved && store.version(of: "stable") == versions[2])
    }

    @Test("an alias moves only to a version that loads")
    func onlyLoadable() throws {
        _ = try set(0)
        try flipBit(80_003, of: "\(fixture.path)/versions/\(versions[1].name)/items.safetensors")
        #expect(errorCode { _ = try set(1) } == .corrupt)
        let absent = try #require(ModelVersion(99))
        let code = errorCode { _ = try store.setAlias("stable", to: absent, who: "a", why: "b") }
        #expect(code == .versionNotFound)
        #expect(try store.version(of: "stable") == versions[0])
    }

    @Test(
        "names out of the rules, and latest, cannot be set",
        arguments: [
            "", "latest", "Stable", "a b", "../x", String(repeating: "a", count: 41),
        ]
    )
    func names(name: String) {
        let code = errorCode { _ = try store.setAlias(name, to: versions[0], who: "a", why: "b") }
        #expect(code == .invalidArgument)
    }

    @Test("a line that a crash cut off the history is dropped, and the next move is whole")
    func tornHistory() throws {
        _ = try set(0)
        let path = "\(fixture.path)/history.jsonl"
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"action\":\"set\",\"ali".utf8))
        try handle.close()
        #expect(try store.history().count == 4)
        _ = try set(1)
        #expect(try store.history().count == 5)
        #expect(try store.history().last?.to == versions[1])
    }

    @Test("a move that was written to the history but not to the table did not happen")
    func historyAhead() throws {
        _ = try set(0)
        let tablePath = "\(fixture.path)/aliases.json"
        let before = try Data(contentsOf: URL(fileURLWithPath: tablePath))
        _ = try set(1)
        try before.write(to: URL(fileURLWithPath: tablePath))
        #expect(try store.history().last?.to == versions[0])
        _ = try set(2)
        #expect(try store.history().map(\.to).suffix(2) == [versions[0], versions[2]])
    }

    @Test("two handles that move at once both take effect, one after the other")
    func concurrent() async throws {
        let (store, fixture, versions) = (store, fixture, versions)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    let handle = worker == 0 ? store : try fixture.open(.reader)
                    for round in 0..<10 {
                        _ = try handle.setAlias(
                            "a\(worker)",
                            to: versions[round % 3],
                            who: "w",
                            why: "race"
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.aliases().generation == 43)
        #expect(try store.history().count == 43)
    }
}
