import Events
import Testing

@Suite("numbers in texts")
struct DecimalTextTests {
    @Test(
        "have the decimals asked for, none too, and ASCII's minus where something is left to be negative",
        arguments: [
            (1_234.567, 1, "1234.6"), (0.05, 3, "0.050"), (-12.345, 2, "-12.35"),
            (-0.001, 1, "0.0"),
            (2.5, 0, "3"), (-73.9935, 3, "-73.994"), (0, 0, "0"), (1e20, 2, "1e+20"),
            (.nan, 2, "–"),
        ] as [(Double, Int, String)]
    )
    func fixed(value: Double, decimals: Int, text: String) {
        #expect(DecimalText.fixed(value, decimals: decimals) == text)
    }

    @Test(
        "a share keeps digits that say something, however small",
        arguments: [
            (0.123, "12 %"), (0.0996, "10 %"), (0.0123, "1.2 %"), (0.0004, "0.04 %"),
            (0.00004, "0.004 %"), (0, "0 %"), (1, "100 %"),
        ] as [(Double, String)]
    )
    func percent(share: Double, text: String) {
        #expect(DecimalText.percent(share) == text)
    }
}
