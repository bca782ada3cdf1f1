import Glibc
import Kernels
import Testing

@Suite("exponentials")
struct ExponentialsTests {
    @Test("agree with float64 within 3e-7, at every length", arguments: [1, 80] as [Float])
    func values(scale: Float) {
        var generator = SeededGenerator(seed: 3)
        for length in interestingLengths where length > 0 {
            let logits = generator.floats(length).map { $0 * scale }
            var values = logits
            var span = values.mutableSpan
            let (largest, sum) = Exponentials.replace(0..<span.count, of: &span)
            #expect(largest == logits.max())
            var total = 0.0
            for (logit, value) in zip(logits, values) {
                // The difference is float32: of ±80 it is known to 4e-6.
                let expected = exp(max(Double(logit - largest), -87))
                total += expected
                #expect(abs(Double(value) - expected) <= 3e-7 * expected, "\(logit - largest)")
            }
            #expect(abs(Double(sum) - total) <= 1e-6 * total, "length \(length)")
        }
    }

    @Test("never reach zero, however small")
    func floor() {
        var values: [Float] = [0, -1_000, -.greatestFiniteMagnitude]
        var span = values.mutableSpan
        _ = Exponentials.replace(0..<span.count, of: &span)
        #expect(values[0] == 1 && values[1] > 0 && values[1] < 2e-38 && values[1] == values[2])
    }
}
