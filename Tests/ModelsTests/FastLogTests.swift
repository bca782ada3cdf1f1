import Glibc
import Models
import Testing

@Suite("fast log2")
struct FastLogTests {
    @Test("is within 1e-4 of log2, over powers of two and between them")
    func accuracy() {
        for step in -400...800 {
            let number = exp2f(Float(step) / 40)
            let error = abs(fastLog2(number) - log2f(number))
            #expect(error <= 1e-4, "\(number): \(error)")
        }
    }
}
