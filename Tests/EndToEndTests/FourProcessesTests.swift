import Foundation
import Testing

extension EndToEndTests {
    @Suite("four processes")
    struct FourProcessesTests {
        @Test("take check-ins in, train, serve and answer, each on its own")
        func answerEndToEnd() async throws {
            try await Scratch.with { scratch in
                try await Server.with("ingest", in: scratch) { ingest in
                    try await Server.with("train", in: scratch) { train in
                        try await Server.with("model", in: scratch) { _ in
                            try await Server.with("query", in: scratch) { query in
                                try await use(ingest, train, query, scratch)
                            }
                        }
                    }
                }
            }
        }

        private func use(
            _ ingest: Server,
            _ train: Server,
            _ query: Server,
            _ scratch: Scratch
        ) async throws {
            let file = try scratch.write("check-ins.csv", GeneratedCheckIns().csv)
            #expect(try await ingest.json("import", file)["accepted"].number == 3_000)
            let version = try await train.train()
            var reply = JSON.null
            try await waitUntil("the model answers", within: .seconds(30)) {
                reply = try await query.json("recommend", "--user", "user3", "-k", "5")
                return Int(reply["provenance"]["modelVersion"].number) == version
            }
            #expect(reply["provenance"]["path"].text == "chronotope", "\(reply)")
            #expect(reply["items"].list.count == 5, "\(reply)")
            #expect(reply["provenance"]["shardsAnswered"].number >= 1, "\(reply)")
        }
    }

    @Suite("determinism")
    struct DeterminismTests {
        @Test("training with one thread and with two writes the same tensor files")
        func threadsDoNotMatter() async throws {
            try await Scratch.with { scratch in
                try await Server.with(in: scratch) { server in
                    let file = try scratch.write("check-ins.csv", GeneratedCheckIns().csv)
                    _ = try await server.json("import", file)
                    let one = try await server.train(threads: 1)
                    let two = try await server.train(threads: 2)
                    #expect(one != two)
                    let files = try tensors(of: one, scratch)
                    #expect(files.count == 66, "items, model and 64 shards: \(files.keys.sorted())")
                    let others = try tensors(of: two, scratch)
                    #expect(files.keys.sorted() == others.keys.sorted())
                    for (name, bytes) in files {
                        #expect(others[name] == bytes, "\(name) differs")
                    }
                }
            }
        }

        private func tensors(of version: Int, _ scratch: Scratch) throws -> [String: Data] {
            let digits = String(version)
            let name = "v" + String(repeating: "0", count: 10 - digits.count) + digits
            let folder = scratch.file("data/default/store/versions/\(name)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".safetensors") }
            return try Dictionary(
                uniqueKeysWithValues: names.map {
                    ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
                }
            )
        }
    }
}
