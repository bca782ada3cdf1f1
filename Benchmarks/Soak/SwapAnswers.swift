import Messages
import RPC
import Synchronization

/// One answered or failed request of a swap soak.
struct Answer {
    var began: ContinuousClock.Instant
    var ended: ContinuousClock.Instant
    /// nil where the request failed or no model answered.
    var version: UInt64?
    var fault: String?

    var duration: Duration { ended - began }
}

/// What all clients were answered.
final class Answers: Sendable {
    private let answers = Mutex<[Answer]>([])

    func add(_ answer: Answer) { answers.withLock { $0.append(answer) } }

    /// Forgets what was before the measurement.
    func reset() { answers.withLock { $0 = [] } }

    var all: [Answer] { answers.withLock { $0 } }

    /// The version that the newest answer named.
    var newest: UInt64? { answers.withLock { $0.last?.version } }
}

/// A client that asks all the time.
struct SwapAsker: Sendable {
    let number: Int
    let client: RPCClient
    let users: [String]
    let family: String
    let answers: Answers

    private static let timeout = Duration.seconds(5)
    /// Leaves the server some room: the question is failures, not overload.
    private static let pause = Duration.milliseconds(2)

    func run(until isOver: Switch) async {
        var turn = number
        while !isOver.isOn, !Task.isCancelled {
            answers.add(await ask(users[turn % users.count]))
            turn += 1
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func ask(_ user: String) async -> Answer {
        let began = ContinuousClock.now
        var answer = Answer(began: began, ended: began)
        do throws(RPCError) {
            let reply = try await client.call(
                Methods.queryRecommend,
                Wire.ListRequest(user: user, k: 10),
                timeout: Self.timeout
            )
            if reply.isGood(family: family) {
                answer.version = reply.provenance?.modelVersion
            } else {
                answer.fault = "path \(reply.provenance?.path ?? ""), \(reply.items.count) items"
            }
        } catch {
            answer.fault = error.description
        }
        answer.ended = .now
        return answer
    }
}

/// A move of `stable`, from the call to its reply.
struct Move {
    var version: UInt64
    var began: ContinuousClock.Instant
    var ended: ContinuousClock.Instant
}

/// When each version was `stable`, as far as a caller can tell.
struct AliasMoves {
    enum Verdict: Equatable {
        case stable
        /// It was, so long before the call began.
        case behind(Duration)
        case neverStable

        var lag: Duration {
            if case .behind(let lag) = self { lag } else { .zero }
        }
    }

    private let moves: [Move]

    /// - Parameter moves: in order of time.
    init(_ moves: [Move]) { self.moves = moves }

    /// Whether `version` was stable at some moment between `began` and `ended`. A version may be
    /// stable from the call that moves the alias to it until the reply to the next move.
    func verdict(
        on version: UInt64,
        _ began: ContinuousClock.Instant,
        _ ended: ContinuousClock.Instant
    ) -> Verdict {
        var verdict = Verdict.neverStable
        for (index, move) in moves.enumerated()
        where move.version == version && move.began <= ended {
            guard index + 1 < moves.count, moves[index + 1].ended < began else { return .stable }
            verdict = .behind(began - moves[index + 1].ended)
        }
        return verdict
    }
}

extension [Duration] {
    /// The value that the share `rank` of all do not pass; zero of none.
    func percentile(_ rank: Double) -> Duration {
        let ordered = sorted()
        guard !ordered.isEmpty else { return .zero }
        let index = Int((Double(ordered.count) * rank).rounded(.up)) - 1
        return ordered[Swift.max(0, Swift.min(index, ordered.count - 1))]
    }
}
