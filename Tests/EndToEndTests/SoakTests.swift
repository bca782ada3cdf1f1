import Testing

extension EndToEndTests {
    @Suite("soaks, short")
    struct SoakTests {
        private func soak(_ arguments: [String]) async throws -> JSON {
            try await Scratch.with { scratch in
                let outcome = try await RunningProgram.run(
                    Programs.soak,
                    arguments + ["-o", "json"],
                    in: scratch,
                    within: .seconds(240)
                )
                #expect(outcome.status == 0, "\(outcome)")
                return try JSON(parsing: outcome.output)
            }
        }

        @Test("kill -9 of ingest loses and doubles nothing")
        func ingest() async throws {
            let figures = try await soak(["ingest", "--kills", "10", "--producers", "8"])
            #expect(figures["acked_events"].number > 0)
            #expect(figures["acked_lost"].number == 0)
            #expect(figures["duplicates"].number == 0)
            #expect(figures["offset_holes"].number + figures["sequence_holes"].number == 0)
        }

        @Test("each of four processes is back with a good answer within 2 s of its restart")
        func restart() async throws {
            let figures = try await soak([
                "restart", "--kills", "4", "--rows", "3000", "--data", Programs.sample,
            ])
            #expect(figures["acked_lost"].number == 0)
            #expect(figures["worst_answer_ms"].number <= 2_000)
        }

        @Test("moving stable fails no request")
        func swap() async throws {
            let figures = try await soak([
                "swap", "--swaps", "4", "--rows", "3000", "--steady-ms", "500", "--data",
                Programs.sample,
            ])
            #expect(figures["failures"].number == 0)
            #expect(figures["never_stable"].number == 0)
        }

        @Test("resets and unread replies keep nobody else from answers")
        func hostile() async throws {
            let figures = try await soak(["hostile"])
            #expect(figures["worst_gap_new_resets_ms"].number <= 3_000)
            #expect(figures["worst_gap_new_unread_ms"].number <= 3_000)
        }
    }
}
