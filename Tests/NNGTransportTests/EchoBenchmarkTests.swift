import Foundation
import NNGTransport
import Testing

@Suite("echo benchmark", .serialized, .timeLimit(.minutes(1)))
struct EchoBenchmarkTests {
    /// A tenth of a second in the tests; CHRONOTOPE_BENCH_SECONDS asks for more and prints it.
    @Test("every call is answered, and the figures are of those calls", arguments: Kind.sockets)
    func smoke(kind: Kind) async throws {
        let seconds = ProcessInfo.processInfo.environment["CHRONOTOPE_BENCH_SECONDS"]
            .flatMap { Double($0) }
        var benchmark = EchoBenchmark(inFlight: 8, warmUp: .zero, duration: .milliseconds(100))
        guard let seconds else {
            var outcome = try await benchmark.run(url: kind.freshURL)
            // On a busy machine a tenth of a second passes before the first answers: allow more then.
            while outcome.callCount <= 8, benchmark.duration < .seconds(10) {
                benchmark.duration *= 4
                outcome = try await benchmark.run(url: kind.freshURL)
            }
            #expect(outcome.failureCount == 0)
            #expect(outcome.callCount > 8)
            #expect(outcome.p50Microseconds > 0)
            #expect(outcome.p50Microseconds <= outcome.p99Microseconds)
            return
        }
        for inFlight in [1, 8, 64] {
            benchmark = EchoBenchmark(inFlight: inFlight, duration: .seconds(seconds))
            let outcome = try await benchmark.run(url: kind.freshURL)
            #expect(outcome.failureCount == 0)
            print(kind, "in flight \(inFlight):", outcome)
        }
    }
}
