import Testing

extension EndToEndTests {
    /// That each measures something, on a server of its own: the figures of a busy machine say nothing.
    @Suite("benchmarks, short")
    struct BenchTests {
        private static let town = [
            "--users", "60", "--items", "300", "--events", "6000", "--set", "max-targets=100",
            "--set", "rank=8",
        ]

        private func bench(_ arguments: [String]) async throws -> JSON {
            try await Scratch.with { scratch in
                let outcome = try await RunningProgram.run(
                    Programs.client,
                    ["bench"] + arguments + ["-o", "json"],
                    in: scratch,
                    within: .seconds(120)
                )
                #expect(outcome.status == 0, "\(outcome)")
                return try JSON(parsing: outcome.output)
            }
        }

        @Test("rpc measures small and large calls", arguments: ["64", "65536"])
        func rpc(payload: String) async throws {
            let figures = try await bench([
                "rpc", "--payload", payload, "--seconds", "0.2", "--rounds", "1",
            ])
            #expect(figures["calls_per_second"].number > 0)
            #expect(figures["p50_us"].number <= figures["p99_us"].number)
        }

        @Test("ingest measures durable events")
        func ingest() async throws {
            let figures = try await bench(["ingest", "--seconds", "0.2", "--batch", "100"])
            #expect(figures["events_per_second"].number > 0)
            #expect(figures["failures"].number == 0)
        }

        @Test("recommend measures one caller and several")
        func recommend() async throws {
            let figures = try await bench(
                ["recommend", "--seconds", "0.3", "--asked-users", "20"] + Self.town
            )
            #expect(figures["answers_per_second"].number > 0)
            #expect(figures["p50_ms"].number <= figures["p99_ms"].number)
        }

        @Test("freshness finds every event")
        func freshness() async throws {
            let figures = try await bench(["freshness", "--samples", "5"] + Self.town)
            #expect(figures["samples"].number == 5)
            #expect(figures["missing"].number == 0)
        }

        @Test("a swap fails no request")
        func swap() async throws {
            let figures = try await bench(
                ["swap", "--swaps", "2", "--seconds", "0.3"] + Self.town
            )
            #expect(figures["failures"].number == 0)
            #expect(figures["p99_ratio"].number > 0)
        }

        @Test("a made-up version is loaded and answers")
        func load() async throws {
            let figures = try await bench([
                "load", "--users", "500", "--items", "400", "--rounds", "1",
            ])
            #expect(figures["open_ms"].number > 0)
            #expect(figures["file_bytes"].number > 400 * 64 * 4)
        }

        @Test("memory of live users is what size predicts, within 15 %")
        func memory() async throws {
            let figures = try await bench(["memory", "--users", "100000"])
            let ratio = figures["predicted_ratio"].number
            #expect((0.85...1.15).contains(ratio), "predicted \(ratio) times what was measured")
        }

        @Test("size names its tables, and grows with what it is asked for")
        func size() async throws {
            try await Scratch.with { scratch in
                var sizes: [Double] = []
                for users in ["1000000", "2000000"] {
                    let outcome = try await RunningProgram.run(
                        Programs.client,
                        ["size", "--users", users, "-o", "json"],
                        in: scratch
                    )
                    let figures = try JSON(parsing: outcome.output)
                    #expect(figures["tables"]["user_state"].number > 0)
                    sizes.append(figures["resident_bytes"].number)
                }
                #expect(sizes[1] > sizes[0] * 1.1)
            }
        }
    }
}
