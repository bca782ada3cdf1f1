import Kernels
import Testing

@Suite("kernel variant")
struct KernelVariantTests {
    @Test("one that no CPU has, or this CPU lacks, is refused by name, with those that it has")
    func refused() {
        for name in ["sse9", "", KernelVariant.allCases.first { !$0.isSupported }?.rawValue ?? "x"]
        {
            #expect {
                try KernelVariant.choose(named: name)
            } throws: { error in
                guard let error = error as? KernelVariantError else { return false }
                return error.place == name && error.remedy.contains("portable")
            }
        }
    }

    @Test("the chosen one is the one that runs")
    func chosen() throws {
        let fastest = KernelVariant.best
        #expect(KernelVariant.available.contains(fastest))
        // Another would change what suites test that run meanwhile.
        try KernelVariant.choose(named: fastest.rawValue)
        #expect(KernelVariant.best == fastest)
    }
}
