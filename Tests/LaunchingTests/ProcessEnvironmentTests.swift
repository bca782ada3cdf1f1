import Launching
import Testing

@Suite("settings read before main")
struct ProcessEnvironmentTests {
    private let wide =
        "processor\t: 0\nflags\t\t: fpu sse2 avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl\n"
    private let narrow = "processor\t: 0\nflags\t\t: fpu sse2 avx2 fma\n"

    @Test("an empty environment lacks all three")
    func namesEverySetting() {
        let missing = ProcessEnvironment.missingSettings(in: [:], cpuInfo: wide)
        #expect(
            missing == [
                "SWIFT_BACKTRACE": "enable=no", "OPENBLAS_NUM_THREADS": "1",
                "OPENBLAS_CORETYPE": "SkylakeX",
            ]
        )
    }

    @Test("what the operator set is kept, so that the restart happens at most once")
    func keepsWhatIsSet() {
        let chosen = [
            "SWIFT_BACKTRACE": "enable=yes", "OPENBLAS_NUM_THREADS": "4",
            "OPENBLAS_CORETYPE": "Zen",
        ]
        #expect(ProcessEnvironment.missingSettings(in: chosen, cpuInfo: wide).isEmpty)
    }

    @Test("the core type follows the instruction sets")
    func choosesTheCoreType() {
        #expect(ProcessEnvironment.openBLASCoreType(cpuInfo: wide) == "SkylakeX")
        #expect(ProcessEnvironment.openBLASCoreType(cpuInfo: narrow) == "Haswell")
        #expect(ProcessEnvironment.openBLASCoreType(cpuInfo: "flags : sse2 avx2") == nil)
        #expect(ProcessEnvironment.openBLASCoreType(cpuInfo: "Features\t: asimd fp\n") == nil)
    }
}
