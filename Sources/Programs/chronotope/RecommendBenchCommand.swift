import ArgumentParser
import CommandLineTools
import Foundation
import Messages
import RPC

/// `chronotope bench recommend`: how fast answers come, end to end.
///
/// Questions: how long does one caller wait, and how many answers a second do several callers get?
/// The calls are encoded before the clock starts and their answers are decoded after it stopped, so
/// that the load costs little; every answer that is measured came in whole and was no refusal.
struct RecommendBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract:
            "Answers to users of the log: how soon for one caller, how many a second for several."
    )

    @OptionGroup var world: BenchWorldOptions
    @Option(name: .customShort("k"), help: "Entries an answer.") var count: UInt32 = 10
    @Option(help: "Callers that each wait for their answer.") var inFlight = 16
    @Option(help: "How long to measure, for one caller and for several.") var seconds = 4.0
    @Option(help: "How many users to ask for.") var askedUsers = 500
    @Option(help: "Ask for items within so many metres of where the user is.")
    var withinMeters: Double?
    @Option(help: "Write the questions here, each after its length, for another program to ask.")
    var questionsOut: String?
    @Option(help: "Write the answers here: JSON, a list of items and scores a question.")
    var idsOut: String?
    @Flag(help: "Measure one caller again while the server trains.") var whileTraining = false
    @OptionGroup var options: BenchServerOptions

    func validate() throws {
        guard (1...256).contains(inFlight), seconds > 0, askedUsers > 0 else {
            throw ValidationError(
                "--in-flight must be in 1...256, --seconds and --asked-users above 0"
            )
        }
    }

    func run() async throws {
        try await world.run(options) { server in try await measure(server) }
    }

    private func measure(_ server: BenchServer) async throws {
        let sample = try await ServedSample(from: server.ingest())
        let questions = questions(to: sample)
        let call = try RawCalls(server.address, Methods.queryRecommend.fullName)
        let body: ClosedLoop.Body = { number async throws(RPCError) in
            let reply = try await call(questions[number % questions.count])
            guard reply.count > 2 else { throw RPCError(.unknown, "an empty answer") }
        }
        try await check(questions, call)
        let warm = await ClosedLoop.run(tasks: inFlight, for: .milliseconds(500), body)
        let single = await ClosedLoop.run(tasks: 1, for: .seconds(seconds), body)
        try single.requireSuccess()
        let several = await ClosedLoop.run(tasks: inFlight, for: .seconds(seconds), body)
        try several.requireSuccess()
        var figures = figures(single, several)
        if whileTraining { figures.merge(try await trainingFigures(server, body)) { $1 } }
        figures["users"] = .integer(sample.users.count)
        figures["all_answers"] = .integer(
            questions.count + warm.milliseconds.count + single.milliseconds.count
                + several.milliseconds.count
        )
        let lines = lines(single, several)
        try options.show(figures) { lines }
    }

    /// One a user, an hour after the newest event, where the user was last: the same whenever they are
    /// asked. What the user knows may come back, as is usual of places.
    private func questions(to sample: ServedSample) -> [[UInt8]] {
        let instant = sample.newestMilliseconds + 3_600_000
        return sample.users.prefix(askedUsers).map { user in
            var filter = Wire.Filter(includeSeen: true)
            if let withinMeters, let place = sample.places[user] {
                filter.within = Wire.Radius(center: place, meters: withinMeters)
            }
            return Wire.ListRequest(
                user: user,
                k: count,
                at: Wire.At(instantMs: instant, utcOffsetMinutes: sample.offsets[user] ?? 0),
                place: sample.places[user],
                filter: filter
            ).encoded()
        }
    }

    /// Asks every question once: answers must be of the model, and as long as they should be.
    private func check(_ questions: [[UInt8]], _ call: RawCalls) async throws {
        var answers: [[AnsweredItem]] = []
        for question in questions {
            let reply = try Wire.ListReply(decoding: await call(question))
            guard reply.items.count == Int(count), (reply.provenance?.modelVersion ?? 0) > 0 else {
                throw ProgramFailure(
                    status: .refused,
                    problem: "an answer holds \(reply.items.count) entries of \(count), by "
                        + "\(reply.provenance?.path ?? "nobody")",
                    remedy: "train a version on the server's log, then measure"
                )
            }
            answers.append(reply.items.map { AnsweredItem(id: $0.id, score: $0.score) })
        }
        if let idsOut { try JSONEncoder().encode(answers).write(to: URL(fileURLWithPath: idsOut)) }
        guard let questionsOut else { return }
        var bytes = Data()
        for question in questions {
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: question.count >> ($0 * 8)) }
            bytes += question
        }
        try bytes.write(to: URL(fileURLWithPath: questionsOut))
    }

    private func figures(
        _ single: ClosedLoop.Outcome,
        _ several: ClosedLoop.Outcome
    ) -> [String: JSONValue] {
        let (one, many) = (Quantiles(single.milliseconds), Quantiles(several.milliseconds))
        return [
            "p50_ms": .number(one.value(at: 0.5)), "p99_ms": .number(one.value(at: 0.99)),
            "answers_per_second": .number(Double(many.count) / several.seconds),
            "loaded_p50_ms": .number(many.value(at: 0.5)),
            "loaded_p99_ms": .number(many.value(at: 0.99)),
            "answers": .integer(one.count + many.count),
            "k": .integer(Int(count)), "in_flight": .integer(inFlight),
            "threads": .integer(ProcessInfo.processInfo.activeProcessorCount),
            "failures": .integer(0),
        ]
    }

    private func lines(_ single: ClosedLoop.Outcome, _ several: ClosedLoop.Outcome) -> [String] {
        let one = Quantiles(single.milliseconds)
        return [
            String(
                format: "one caller: p50 %.3f ms, p99 %.3f ms; %d callers: %.0f answers/s",
                one.value(at: 0.5),
                one.value(at: 0.99),
                inFlight,
                Double(several.milliseconds.count) / several.seconds
            )
        ]
    }

    /// One caller's times in peace, and while a run trains.
    private func trainingFigures(
        _ server: BenchServer,
        _ body: @escaping ClosedLoop.Body
    ) async throws -> [String: JSONValue] {
        let idle = await ClosedLoop.run(tasks: 1, for: .seconds(seconds), body)
        let client = try server.client()
        let run = try await client.bench(
            Methods.trainingStartRun,
            world.trainingRequest(passes: 50)
        )
        _ = await ClosedLoop.run(tasks: 1, for: .seconds(1), body)  // past the reading of the log
        let training = await ClosedLoop.run(tasks: 1, for: .seconds(seconds), body)
        let state = try await client.bench(Methods.trainingGetRun, Wire.GetRunRequest(id: run.id))
        guard state.state == .running else {
            throw ProgramFailure(
                status: .refused,
                problem: "the training ended before the measurement did (\(state.state))",
                remedy: "measure for fewer --seconds, or on more --events"
            )
        }
        _ = try await client.bench(Methods.trainingCancelRun, Wire.CancelRunRequest(id: run.id))
        try idle.requireSuccess()
        try training.requireSuccess()
        let (before, during) = (Quantiles(idle.milliseconds), Quantiles(training.milliseconds))
        return [
            "idle_p99_ms": .number(before.value(at: 0.99)),
            "training_p50_ms": .number(during.value(at: 0.5)),
            "training_p99_ms": .number(during.value(at: 0.99)),
            "training_p99_ratio": .number(during.value(at: 0.99) / before.value(at: 0.99)),
        ]
    }
}

private struct AnsweredItem: Encodable {
    var id: String
    var score: Double
}
