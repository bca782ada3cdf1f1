import Kernels
import Testing

@Suite("product benchmark")
struct SpMMBenchmarkTests {
    private func close(_ left: [Float], _ right: [Float]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { isClose($0, $1) }
    }

    @Test("a small problem gives the scalar's answer and one duration a round")
    func small() {
        var generator = SeededGenerator(seed: 11)
        let problem = SpMMBenchmark(
            userCount: 40,
            itemCount: 30,
            edgeCount: 500,
            dimension: 16,
            using: &generator
        )
        #expect(problem.nonZeroCount == 1_000)
        let truth = problem.measure(.scalar, rounds: 1, now: { 0 }).output
        #expect(truth.contains { abs($0) > 0.01 })
        for variant in KernelVariant.fast {
            var time: UInt64 = 0
            let result = problem.measure(variant, rounds: 3) {
                time += 5
                return time
            }
            #expect(result.nanoseconds == [5, 5, 5])
            #expect(close(result.output, truth), "\(variant)")
        }
    }

    #if DEBUG
        private static let isOptimized = false
    #else
        private static let isOptimized = true
    #endif

    @Test(
        "on the gowalla size the best variant beats the scalar by half again",
        .enabled(if: isOptimized, "says nothing about speed without the optimizer")
    )
    func faster() {
        guard KernelVariant.fused.contains(KernelVariant.best) else { return }
        var generator = SeededGenerator(seed: 12)
        let problem = SpMMBenchmark.gowalla(using: &generator)
        #expect(problem.nodeCount == 70_839)
        // Other work on the machine can only narrow the gap, so a few tries may show it.
        var ratios: [Double] = []
        while ratios.count < 6, ratios.last ?? 0 < 1.5 {
            let scalar = problem.measure(.scalar, rounds: 3, now: nanoseconds)
            let best = problem.measure(.best, rounds: 3, now: nanoseconds)
            #expect(close(scalar.output, best.output))
            let slow = Double(scalar.nanoseconds.min() ?? 0)
            ratios.append(slow / Double(best.nanoseconds.min() ?? .max))
        }
        #expect(ratios.last ?? 0 >= 1.5, "\(KernelVariant.best) over scalar: \(ratios)")
    }

    private func nanoseconds() -> UInt64 {
        UInt64(Self.start.duration(to: .now) / .nanoseconds(1))
    }
    private static let start = ContinuousClock.now
}
