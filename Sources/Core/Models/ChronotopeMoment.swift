internal import Events
internal import Glibc

/// The moment that ages and clocks count from: the asked one, or the last known event's where the
/// time is hidden.
struct ChronotopeMoment {
    let isGiven: Bool
    let instant: Instant
    /// Quarter of an hour of the local week, in 0..<672.
    let quarter: Int
    let slot: TimeSlot

    /// Returns nil where neither a time nor an event is known.
    init?(_ question: Question) {
        if let asked = question.instant {
            self.init(asked, utcOffsetMinutes: question.utcOffsetMinutes, isGiven: true)
        } else if let last = question.history.last {
            self.init(
                last.instant,
                utcOffsetMinutes: Int(last.utcOffsetMinutes),
                isGiven: false
            )
        } else {
            return nil
        }
    }

    private init(_ instant: Instant, utcOffsetMinutes: Int, isGiven: Bool) {
        self.isGiven = isGiven
        self.instant = instant
        quarter = Self.quarter(of: instant, utcOffsetMinutes: utcOffsetMinutes)
        slot = TimeSlot(instant, utcOffsetMinutes: utcOffsetMinutes)
    }

    static func quarter(of instant: Instant, utcOffsetMinutes: Int) -> Int {
        Int(LocalTime(instant, utcOffsetMinutes: utcOffsetMinutes).secondsOfWeek / 900)
    }

    /// Whether this quarter of the week is on Saturday or Sunday.
    static func isWeekend(quarter: Int) -> Bool { quarter >= 5 * 96 }

    /// Column of the statistics by slot.
    var statisticsSlot: Int { slot.hourOfDay + (slot.isWeekend ? 24 : 0) }
}

/// Weights by distance on the clock, tabled by quarters of an hour.
///
/// With the time given, a Gaussian of the circular distance between the event's hour and the
/// asked one. With the time hidden, an exponential of how far the event's hour lies after the
/// last event's: what used to follow at this time of day.
struct ClockKernels: Sendable {
    static let given = ClockKernels(isGiven: true)
    static let hidden = ClockKernels(isGiven: false)

    static func kernels(isGiven: Bool) -> ClockKernels { isGiven ? given : hidden }

    /// Shape [96]: by (event − moment) mod one day.
    let narrow: [Float]
    let medium: [Float]
    let wide: [Float]
    /// Always the circular Gaussian.
    let around: [Float]
    /// Shape [672]: by (event − moment) mod one week.
    let week: [Float]

    private init(isGiven: Bool) {
        func table(_ count: Int, _ sigmaHours: Double, _ forwardHours: Double) -> [Float] {
            (0..<count).map { quarters in
                let forward = Double(quarters) / 4
                if !isGiven { return Float(exp(-forward / forwardHours)) }
                return Self.gaussian(quarters, of: count, sigmaHours: sigmaHours)
            }
        }
        narrow = table(96, 0.7, 1.5)
        medium = table(96, 1.5, 4)
        wide = table(96, 3, 9)
        around = (0..<96).map { Self.gaussian($0, of: 96, sigmaHours: 1.5) }
        week = table(672, 1.5, 6)
    }

    private static func gaussian(_ quarters: Int, of count: Int, sigmaHours: Double) -> Float {
        let hours = Double(min(quarters, count - quarters)) / 4
        return Float(exp(-hours * hours / (2 * sigmaHours * sigmaHours)))
    }
}

/// log2 within 1e-4, for positive normal numbers: the same bits on every machine.
///
/// A polynomial of the mantissa, in a form that the compiler can spread over vector lanes.
@inline(__always)
package func fastLog2(_ number: Float) -> Float {
    let bits = number.bitPattern
    let exponent = Float(Int32(bitPattern: bits >> 23) - 127)
    let mantissa = Float(bitPattern: (bits & 0x7F_FFFF) | 0x3F80_0000)
    let polynomial =
        -2.5128774
        + (4.0701350 + (-2.1206994 + (0.64514372 - 0.08161449 * mantissa) * mantissa) * mantissa)
        * mantissa
    return exponent + max(0, polynomial)
}

/// log2(1 + sum / 0.02): 5.7 for one recent event, 12.3 for a hundred.
@inline(__always)
func logCount(_ sum: Float) -> Float { sum > 0 ? fastLog2(1 + sum * 50) : 0 }
