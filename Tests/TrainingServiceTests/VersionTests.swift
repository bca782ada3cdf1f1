import Events
import Messages
import ModelStorage
import RPC
import StoreStatus
import TestSupport
import Testing
import TrainingService

@Suite("training: versions and aliases")
struct VersionTests {
    /// A system with `count` versions of a small routine.
    private func withVersions(
        _ count: Int,
        _ body: @Sendable (TestSystem) async throws -> Void
    ) async throws {
        try await TestSystem.run { system in
            try await system.load(Routine(userCount: 10, weekCount: 2))
            for _ in 0..<count {
                let run = try await system.train(family: "spectral")
                #expect(run.state == .succeeded, "\(run.error)")
            }
            try await body(system)
        }
    }

    private static func list(
        _ system: TestSystem
    ) async throws(RPCError) -> Wire.ListVersionsReply {
        try await system.training.call(
            Methods.trainingListVersions,
            Wire.ListVersionsRequest(),
            timeout: .seconds(10)
        )
    }

    private static func rollback(_ system: TestSystem) async throws(RPCError) -> Wire.AliasReply {
        try await system.training.call(
            Methods.trainingRollback,
            Wire.RollbackRequest(who: "t", why: "w"),
            timeout: .seconds(10)
        )
    }

    @Test("are listed newest first with family, size, aliases and figures")
    func listing() async throws {
        try await withVersions(2) { system in
            _ = try await system.setAlias("stable", to: 1)
            let reply = try await Self.list(system)
            #expect(reply.versions.map(\.number) == [2, 1])
            #expect(reply.versions.map(\.aliases) == [["latest"], ["stable"]])
            #expect(reply.versions.map(\.parent) == [1, 0])
            #expect(reply.aliasGeneration == 3)
            for version in reply.versions {
                #expect(version.family == "spectral" && version.damage.isEmpty)
                #expect(version.byteCount > 0 && version.dataEndOffset > 0)
                #expect(!version.metrics.isEmpty && !version.baselines.isEmpty)
            }
        }
    }

    @Test("move aliases forth and back, with a history that says who and why")
    func moves() async throws {
        try await withVersions(3) { system in
            var generation: UInt64 = 3
            for version in 1...3 {
                let reply = try await system.setAlias("stable", to: UInt64(version))
                generation += 1
                #expect(reply.version == UInt64(version))
                #expect(reply.previousVersion == UInt64(version - 1))
                #expect(reply.generation == generation)
            }
            #expect(try await Self.rollback(system).version == 2)
            #expect(try await Self.rollback(system).version == 1)
            let exhausted = await refusal { try await Self.rollback(system) }
            #expect(exhausted?.code == .notFound)
            let history = try await system.training.call(
                Methods.trainingAliasHistory,
                Wire.AliasHistoryRequest(alias: "stable", limit: 4),
                timeout: .seconds(10)
            )
            #expect(history.moves.map(\.toVersion) == [1, 2, 3, 2])
            #expect(history.moves.map(\.fromVersion) == [2, 3, 2, 1])
            #expect(history.moves[2].who == "test" && history.moves[2].why == "because")
            #expect(history.moves[0].movedMs == system.clock.now.millisecondsSinceEpoch)
        }
    }

    @Test("are not moved to on a stale decision, nor to what is not there")
    func refusals() async throws {
        try await withVersions(2) { system in
            let generation = try await Self.list(system).aliasGeneration
            let moved = try await system.setAlias(
                "stable",
                to: 1,
                expectedGeneration: generation
            )
            let stale = await refusal {
                try await system.setAlias("stable", to: 2, expectedGeneration: generation)
            }
            #expect(stale?.code == .aborted && !(stale?.details.first?.remedy ?? "").isEmpty)
            #expect(try await Self.list(system).aliasGeneration == moved.generation)
            let zero = await refusal { try await system.setAlias("stable", to: 0) }
            #expect(zero?.code == .invalidArgument && zero?.details.first?.field == "version")
            let missing = await refusal { try await system.setAlias("stable", to: 77) }
            #expect(missing?.code == .notFound && missing?.details.first?.field == "version")
            for name in ["", "latest", "Not A Name"] {
                let error = await refusal { try await system.setAlias(name, to: 1) }
                #expect(error?.code == .invalidArgument, "\(name)")
            }
            let unknown = await refusal {
                try await system.training.call(
                    Methods.trainingRollback,
                    Wire.RollbackRequest(alias: "x"),
                    timeout: .seconds(10)
                )
            }
            #expect(unknown?.code == .notFound && unknown?.details.first?.field == "alias")
        }
    }

    @Test("with a flipped bit are not moved to, and are told apart in the list once cut short")
    func damage() async throws {
        try await withVersions(2) { system in
            let name = "store/versions/v0000000002/items.safetensors"
            let whole = try system.folder.bytes(name)
            var bytes = whole
            bytes[bytes.count / 2] ^= 1
            try system.folder.write(name, bytes)
            let flipped = await refusal { try await system.setAlias("stable", to: 2) }
            #expect(flipped?.code == .dataLoss)
            #expect(flipped?.message.contains("v0000000002/items.safetensors: chunk") == true)
            #expect(flipped?.message.contains("CRC-32C") == true)
            #expect(flipped?.details.first?.remedy.contains("restore the file") == true)
            #expect(try system.store.aliases().aliases["stable"] == nil)
            try system.folder.write(name, Array(whole.dropLast(1)))
            let damage = try await Self.list(system).versions[0].damage
            #expect(damage.contains("items.safetensors: \(whole.count - 1) bytes, manifest says"))
        }
    }

    @Test("that a full disk keeps from being made are RESOURCE_EXHAUSTED, with what to do and when")
    func fullDisk() {
        let full = ModelStoreError(code: .outOfSpace, path: "tmp", problem: "full", remedy: "free")
        let error = RPCError(full)
        #expect(error.code == .resourceExhausted && error.retryAfter != nil)
        #expect(error.message == "tmp: full" && error.details.first?.remedy == "free")
    }

    @Test("survive a collection where aliased, pinned or recent; the rest go")
    func collection() async throws {
        try await withVersions(5) { system in
            _ = try await system.setAlias("stable", to: 1)
            let pinned = try await Self.pin(2, true, system)
            #expect(pinned.isPinned && pinned.number == 2)
            // The model server lets go of the version before the newest within a moment.
            let isCollected = try await eventually {
                _ = try await Self.collect(keepLast: 1, system)
                return try await Self.list(system).versions.map(\.number) == [5, 4, 2, 1]
            }
            #expect(isCollected)
            #expect(try await Self.pin(2, false, system).isPinned == false)
            #expect(try await Self.collect(keepLast: 1, system) == [2])
            #expect(try await Self.collect(keepLast: 0, system) == [4])
            let missing = await refusal { try await Self.pin(3, true, system) }
            #expect(missing?.code == .notFound)
        }
    }

    private static func pin(
        _ version: UInt64,
        _ isPinned: Bool,
        _ system: TestSystem
    ) async throws(RPCError) -> Wire.Version {
        try await system.training.call(
            Methods.trainingPinVersion,
            Wire.PinVersionRequest(version: version, isPinned: isPinned),
            timeout: .seconds(10)
        )
    }

    private static func collect(
        keepLast: UInt32,
        _ system: TestSystem
    ) async throws(RPCError) -> [UInt64] {
        try await system.training.call(
            Methods.trainingCollectGarbage,
            Wire.CollectGarbageRequest(keepLast: keepLast),
            timeout: .seconds(10)
        ).removed
    }
}
