import Events
import Messages
import ModelStorage
import RPC
import TestSupport
import Testing

@Suite("model server: versions and live state")
struct ServingTests {
    private static let ana = Routine.user(3)

    private static func request(_ user: String, k: UInt32 = 10) -> Wire.ListRequest {
        Wire.ListRequest(user: user, k: k, filter: Wire.Filter(includeSeen: true))
    }

    @Test("answers for its own shards only, and says who knows the others")
    func ownership() async throws {
        try await TestSystem.runTrained(ownedShards: [0..<32, 32..<64]) { system in
            for user in TrainedFolder.routine.users {
                let owner = system.shards.shard(of: user) < 32 ? 0 : 1
                let own = try await system.models[owner].client.call(
                    Methods.modelRecommend,
                    Self.request(user),
                    timeout: .seconds(10)
                )
                #expect(own.provenance?.path == "chronotope")
                #expect(own.provenance?.userEvents == 80)
                let other = await refusal {
                    try await system.models[1 - owner].client.call(
                        Methods.modelRecommend,
                        Self.request(user),
                        timeout: .seconds(10)
                    )
                }
                #expect(other?.code == .failedPrecondition)
                #expect(other?.details.first?.remedy.isEmpty == false)
            }
            let users =
                try await system.models[0].status().liveUsers
                + system.models[1].status().liveUsers
            #expect(users == 30)
        }
    }

    @Test("a restarted server comes back to the same answers from log and store")
    func restart() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let first = try await system.recommend(Self.request(Self.ana))
            let node = ModelNode(
                shards: Set(0..<64),
                hasher: system.shards,
                store: system.folder.path + "/store",
                ingest: system.ingest.client,
                clock: system.clock
            )
            #expect(await eventually { node.isReady })
            #expect(try await eventually { try await node.status().versions.count == 1 })
            let second = try await node.client.call(
                Methods.modelRecommend,
                Self.request(Self.ana),
                timeout: .seconds(10)
            )
            #expect(second.items == first.items)
            await node.stop()
        }
    }

    @Test("status names versions with their aliases, shards, and how far the log is applied")
    func status() async throws {
        try await TestSystem.runTrained(ownedShards: [5..<9, 0..<64]) { system in
            try await system.waitUntilServing(1)
            let status = try await system.models[0].status()
            #expect(status.versions.map(\.number) == [1])
            #expect(status.versions[0].aliases == ["latest", "stable"])
            #expect(status.versions[0].family == "chronotope" && status.versions[0].mappedBytes > 0)
            #expect(status.shards == [5, 6, 7, 8])
            #expect(status.appliedOffset == system.ingest.endOffset)
            #expect(status.problems.isEmpty)
        }
    }

    @Test("a version that does not verify leaves the old one serving, shows, and heals")
    func brokenVersion() async throws {
        try await TestSystem.runTrained { system in
            let run = try await system.train(family: "spectral")
            #expect(run.version == 2)
            try await system.waitUntilServing(2, as: "latest")
            _ = try await system.setAlias("canary", to: 1)
            try await system.waitUntilServing(1, as: "canary")
            // The alias moves while the file is whole; it is damaged before a fresh server loads it.
            _ = try await system.setAlias("stable", to: 2)
            let name = "store/versions/v0000000002/model.safetensors"
            let whole = try system.folder.bytes(name)
            var bytes = whole
            bytes[bytes.count - 1] ^= 1
            try system.folder.write(name, bytes)
            let node = ModelNode(
                shards: Set(0..<64),
                hasher: system.shards,
                store: system.folder.path + "/store",
                ingest: system.ingest.client,
                clock: system.clock
            )
            #expect(try await eventually { try await !node.status().problems.isEmpty })
            let problems = try await node.status().problems
            let problem = problems.first { $0.hasPrefix("stable: version 2: ") } ?? ""
            #expect(problem.contains("/store/versions/v0000000002/model.safetensors: chunk"))
            #expect(problem.contains("CRC-32C") && problem.contains("manifest says"))
            #expect(
                problem.hasSuffix("; restore the file from a backup, or publish the version again")
            )
            #expect(await eventually { node.isReady }, "what is sound is served")
            let canary = try await node.client.call(
                Methods.modelRecommend,
                Wire.ListRequest(user: Self.ana, k: 3, alias: "canary"),
                timeout: .seconds(10)
            )
            #expect(canary.provenance?.modelVersion == 1)
            try system.folder.write(name, whole)
            #expect(try await eventually { try await node.status().problems.isEmpty })
            let healed = try await node.status()
            #expect(healed.versions.first { $0.number == 2 }?.aliases == ["latest", "stable"])
            await node.stop()
        }
    }

    @Test("a wrong user-hash key is refused: not ready, and Status says which key to bring")
    func wrongKey() async throws {
        try await TestSystem.runTrained { system in
            let node = ModelNode(
                shards: Set(0..<64),
                hasher: try UserShards(key: [UInt8](repeating: 9, count: 32)),
                store: system.folder.path + "/store",
                ingest: system.ingest.client,
                clock: system.clock
            )
            let isTold = try await eventually { try await !node.status().problems.isEmpty }
            #expect(isTold)
            let problem = try await node.status().problems[0]
            #expect(problem.contains("/store/FORMAT: users are hashed with key"))
            #expect(problem.contains(system.shards.fingerprint))
            #expect(problem.contains("give the key file that this store was made with"))
            #expect(!node.isReady)
            let isSaid = await eventually {
                let reasons = node.health.report("chronotope.v1.Model")?.reasons ?? []
                return reasons.contains { $0.contains("key file") }
            }
            #expect(isSaid, "/readyz says it too")
            #expect(try await node.status().shards.isEmpty)
            await node.stop()
        }
    }

    @Test("keeps the version an alias had while the one it moved to is broken")
    func keepsOld() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            // Published by another program that does not verify: a version whose model is no model.
            let store = system.store
            let draft = VersionDraft(
                family: "unheard-of",
                createdMilliseconds: 1,
                seed: 1,
                data: Manifest.DataRange(firstOffset: 0, endOffset: 0, hash: ""),
                files: ["notes.txt": .bytes([1])]
            )
            let version = try store.publish(draft, who: "test")
            _ = try await system.setAlias("stable", to: UInt64(version.number))
            #expect(
                try await eventually {
                    try await system.models[0].status().problems.contains { $0.contains("stable") }
                }
            )
            let reply = try await system.recommend(Self.request(Self.ana))
            #expect(reply.provenance?.modelVersion == 1 && reply.provenance?.path == "chronotope")
            let status = try await system.models[0].status()
            #expect(status.versions.map(\.number) == [1])
        }
    }

    @Test("an event put now counts in the user's next answer")
    func freshness() async throws {
        try await TestSystem.runTrained { system in
            let before = try await system.recommend(Self.request(Self.ana)).provenance?.userEvents
            try await system.ingest.put(
                [Routine.visit(Self.ana, "restaurant-0", at: TrainedFolder.now)]
            )
            let end = system.ingest.endOffset
            #expect(
                try await eventually {
                    try await system.recommend(Self.request(Self.ana)).provenance?.userEvents
                        == (before ?? 0) + 1
                }
            )
            #expect(try await system.models[0].status().appliedOffset == end)
            let seen = try await system.recommend(Wire.ListRequest(user: Self.ana, k: 40))
            #expect(!seen.items.contains { $0.id == "restaurant-0" })
            #expect(seen.provenance?.lagRecords == 0)
        }
    }

    @Test("an exact repeat that ingest could not know is counted once")
    func repeats() async throws {
        try await TestSystem.run { system in
            let visit = Routine.visit("u", "cafe", at: Routine.start)
            let later = Routine.visit("u", "cafe", at: Routine.instant(week: 0, day: 1))
            try await system.ingest.put([visit, visit, later, visit])
            let end = system.ingest.endOffset
            #expect(end == 4)
            let isApplied = try await eventually {
                try await system.models[0].status().appliedOffset == end
            }
            #expect(isApplied)
            #expect(try await system.recommend(Self.request("u")).provenance?.userEvents == 2)
        }
    }

    @Test("many new items in the log never break an answer that is older than they are")
    func manyNewItems() async throws {
        try await TestSystem.run { system in
            for batch in 0..<5 {
                try await system.ingest.put(
                    (0..<200).map { number in
                        Routine.visit("collector", "new-\(batch)-\(number)", at: Routine.start)
                    }
                )
                let reply = try await system.recommend(
                    Wire.ListRequest(user: "collector", k: 1_000)
                )
                #expect(!reply.items.contains { $0.id.hasPrefix("new-\(batch)-0") })
            }
            let all = Wire.ListRequest(
                user: "collector",
                k: 1_000,
                filter: Wire.Filter(includeSeen: true)
            )
            #expect(try await eventually { try await system.recommend(all).items.count == 1_000 })
        }
    }

    @Test("session events with unknown actions and items are taken for this answer only")
    func session() async throws {
        try await TestSystem.runTrained { system in
            var event = Routine.visit(Self.ana, "restaurant-0", at: TrainedFolder.now)
            event.action = "a word nobody used"
            let unknown = Routine.visit(Self.ana, "nobody-knows", at: TrainedFolder.now)
            var request = Self.request(Self.ana, k: 40)
            request.sessionEvents = [event, unknown]
            request.filter = nil
            let reply = try await system.recommend(request)
            #expect(reply.provenance?.path == "chronotope")
            #expect(!reply.items.contains { $0.id == "restaurant-0" })
            request.sessionEvents = []
            let later = try await system.recommend(request)
            #expect(later.items.contains { $0.id == "restaurant-0" })
            // A user without events answers by the model once the session has one.
            let cold = Wire.ListRequest(user: "cold", k: 5, sessionEvents: [event])
            #expect(try await system.recommend(cold).provenance?.path == "chronotope")
        }
    }

    @Test("20 version swaps while requests run: no failure, no answer of two versions")
    func swaps() async throws {
        try await TestSystem.runTrained { system in
            #expect(try await system.train(family: "spectral").version == 2)
            try await system.waitUntilServing(2, as: "latest")
            let families: [UInt64: String] = [1: "chronotope", 2: "spectral"]
            let isDone = Locked(false)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        var answers = 0
                        while !isDone.withLock({ $0 }) {
                            var request = Self.request(Routine.user((worker * 7 + answers) % 30))
                            request.explain = .explainParts
                            let reply = try await system.recommend(request)
                            let provenance = try #require(reply.provenance)
                            #expect(families[provenance.modelVersion] == provenance.path)
                            let isSpectral = provenance.path == "spectral"
                            for item in reply.items {
                                #expect(item.parts.count == (isSpectral ? 1 : 8))
                            }
                            answers += 1
                        }
                        return answers
                    }
                }
                for swap in 0..<20 {
                    let version = UInt64(swap % 2 == 0 ? 2 : 1)
                    _ = try await system.setAlias("stable", to: version)
                    try await system.waitUntilServing(version)
                }
                isDone.withLock { $0 = true }
                let answers = try await group.reduce(0, +)
                #expect(answers > 0)
            }
        }
    }
}
