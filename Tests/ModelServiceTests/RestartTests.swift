import Messages
import RPC
import TestSupport
import Testing

@Suite("model server: restart")
struct RestartTests {
    private static let ana = Routine.user(3)

    @Test("answers nothing from half-replayed state: no shards, UNAVAILABLE, not ready")
    func replaying() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let log = HeldLog(system.ingest.client, at: 100)
            let node = system.node(shards: 0..<64, ingest: log.client)
            #expect(
                try await eventually {
                    let status = try await node.status()
                    return status.appliedOffset == 100 && status.versions.count == 1
                }
            )
            #expect(try await node.status().shards.isEmpty)
            #expect(!node.isReady)
            let reasons = node.health.report("chronotope.v1.Model")?.reasons ?? []
            #expect(reasons.contains { $0.contains("log") })
            for alias in ["stable", "canary"] {
                let request = Wire.ListRequest(user: Self.ana, item: "cafe-0", k: 1, alias: alias)
                for method in [
                    Methods.modelRecommend, Methods.modelSimilarItems, Methods.modelTrending,
                ] {
                    let error = await refusal {
                        try await node.client.call(method, request, timeout: .seconds(10))
                    }
                    #expect(error?.code == .unavailable, "\(method.fullName)")
                    #expect(error?.retryAfter != nil)
                }
            }
            log.release()
            #expect(await eventually { node.isReady })
            #expect(try await node.status().shards.count == 64)
            let reply = try await node.client.call(
                Methods.modelRecommend,
                Wire.ListRequest(user: Self.ana, k: 1),
                timeout: .seconds(10)
            )
            #expect(reply.provenance?.path == "chronotope")
            await node.stop()
        }
    }

    @Test("a version is warmed with queries of known users, at a start and before an alias moves")
    func warming() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            #expect(try await system.models[0].status().versions[0].warmingQueries == 8)
            #expect(try await system.train(family: "spectral").version == 2)
            try await system.waitUntilServing(2, as: "latest")
            let second = try await system.models[0].status().versions.first { $0.number == 2 }
            #expect(second?.warmingQueries == 8)
        }
    }

    @Test("a server loads the users of its own shards only: damage in others is not its business")
    func ownShards() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let name = "store/versions/v0000000001/users-40.safetensors"
            var bytes = try system.folder.bytes(name)
            bytes[bytes.count - 1] ^= 1
            try system.folder.write(name, bytes)
            let (sound, damaged) = (system.node(shards: 0..<32), system.node(shards: 32..<64))
            #expect(await eventually { sound.isReady && damaged.isReady })
            let status = try await sound.status()
            #expect(status.versions.map(\.number) == [1] && status.problems.isEmpty)
            let whole = try await system.models[0].status().versions[0].mappedBytes
            #expect(status.versions[0].mappedBytes < whole)
            let problems = try await damaged.status().problems
            #expect(problems.contains { $0.contains("users-40.safetensors: chunk 0") })
            #expect(problems.contains { $0.contains("restore the file from a backup") })
            await sound.stop()
            await damaged.stop()
        }
    }
}
