import Charts
import Testing

@Suite("scales and numbers")
struct ScaleTests {
    @Test(
        "ticks are multiples of 1, 2 or 5 times a power of ten, within the domain, not too many",
        arguments: [0.0...1, 0...168, -3.2...7.9, 0...0.004, 15_700...15_731, 1_000...1_000_000]
    )
    func ticks(domain: ClosedRange<Double>) {
        let scale = LinearScale(domain, start: 0, end: 100)
        for count in 2...8 {
            let ticks = scale.ticks(count)
            let step = scale.step(count)
            #expect(!ticks.isEmpty && ticks.count <= count + 1, "\(domain), \(count): \(ticks)")
            for tick in ticks {
                #expect(tick >= domain.lowerBound - step * 1e-6, "\(ticks)")
                #expect(tick <= domain.upperBound + step * 1e-6, "\(ticks)")
            }
            var mantissa = step
            while mantissa >= 9.99 { mantissa /= 10 }
            while mantissa < 0.999 { mantissa *= 10 }
            #expect([1, 2, 5].contains { abs(mantissa - $0) < 1e-6 }, "step \(step)")
        }
    }

    @Test("positions run from start to end and stay within, also upside down and where all is one")
    func positions() {
        let down = LinearScale(0...10, start: 200, end: 20)
        #expect(down.position(of: 0) == 200 && down.position(of: 10) == 20)
        #expect(down.position(of: 5) == 110)
        #expect(down.position(of: 99) == 20 && down.position(of: -1) == 200)
        let flat = LinearScale(3...3, start: 0, end: 100)
        #expect(flat.position(of: 3) == 50)
    }

    @Test("numbers read as people write them")
    func numbers() {
        #expect(NumberText.grouped(0) == "0")
        #expect(NumberText.grouped(1_234_567) == "1,234,567")
        #expect(NumberText.grouped(-12_345) == "−12,345")
        #expect(NumberText.fixed(1_234.567, decimals: 1) == "1,234.6")
        #expect(NumberText.fixed(0.05, decimals: 3) == "0.050")
        #expect(NumberText.fixed(-0.001, decimals: 1) == "0.0")
        #expect(NumberText.fixed(.nan, decimals: 2) == "–")
        #expect(NumberText.short(0.001234) == "0.00123")
        #expect(NumberText.short(4.567) == "4.57")
        #expect(NumberText.short(1_234) == "1,234")
        #expect(NumberText.tick(0.25, step: 0.05) == "0.25")
        #expect(NumberText.tick(250, step: 50) == "250")
        #expect(NumberText.coordinate(-0.04) == "0" && NumberText.coordinate(12.34) == "12.3")
    }

    @Test("days of the calendar, leap days and those before 1970 too")
    func days() {
        #expect(DateText.dayAndYear(0) == "1 Jan 1970")
        #expect(DateText.dayAndYear(-1) == "31 Dec 1969")
        #expect(DateText.dayAndYear(11_016) == "29 Feb 2000")
        #expect(DateText.dayAndYear(15_751) == "15 Feb 2013")
        #expect(DateText.hourOfWeek(0) == "Monday 00:00")
        #expect(DateText.hourOfWeek(167) == "Sunday 23:00")
    }
}
