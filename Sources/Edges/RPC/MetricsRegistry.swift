internal import Synchronization

/// Counters, gauges and histograms of a process, with their Prometheus text.
///
/// Asking for a metric takes a lock, so keep what you get; counting is one atomic addition. Asking
/// again for the same name and labels gives the same metric. Names start with `chronotope_`.
package final class MetricsRegistry: Sendable {
    /// Series of one name; later ones fold into one with every label "other", so that a label with
    /// unforeseen values cannot eat the memory.
    package static let maxSeriesPerName = 1_000

    private struct Family {
        var kind: Kind
        var help: String
        var series: [String: any MetricSeries] = [:]
    }

    fileprivate enum Kind: String { case counter, gauge, histogram }

    private let families = Locked<[String: Family]>([:])

    package init() {}

    /// A number that only grows.
    package func counter(
        _ name: String,
        help: String,
        labels: KeyValuePairs<String, String> = [:]
    ) -> Counter {
        series(name, .counter, help, labels) { Counter() }
    }

    /// A number that goes up and down.
    package func gauge(
        _ name: String,
        help: String,
        labels: KeyValuePairs<String, String> = [:]
    ) -> Gauge {
        series(name, .gauge, help, labels) { Gauge() }
    }

    /// How measurements spread.
    ///
    /// - Parameter bounds: upper bounds of the buckets, ascending; +∞ is added.
    package func histogram(
        _ name: String,
        help: String,
        labels: KeyValuePairs<String, String> = [:],
        bounds: [Double] = Histogram.durationBounds
    ) -> Histogram {
        series(name, .histogram, help, labels) { Histogram(bounds: bounds) }
    }

    /// All metrics in text format 0.0.4, sorted by name and labels.
    package func prometheusText() -> String {
        families.withLock { families in
            var text = ""
            for (name, family) in families.sorted(by: { $0.key < $1.key }) {
                text += "# HELP \(name) \(Self.escaped(family.help, quotes: false))\n"
                text += "# TYPE \(name) \(family.kind.rawValue)\n"
                for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                    series.write(name: name, labels: labels, to: &text)
                }
            }
            return text
        }
    }

    private func series<Series: MetricSeries>(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        _ labels: KeyValuePairs<String, String>,
        _ make: () -> Series
    ) -> Series {
        precondition(Self.isName(name), "metric name '\(name)': chronotope_ and [a-z0-9_]")
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind, help: help)
            precondition(family.kind == kind, "\(name) is a \(family.kind.rawValue)")
            var key = Self.text(labels)
            if family.series[key] == nil, family.series.count >= Self.maxSeriesPerName {
                key = labels.map { "\($0.key)=\"other\"" }.joined(separator: ",")
            }
            if let known = family.series[key] as? Series { return known }
            let made = make()
            family.series[key] = made
            families[name] = family
            return made
        }
    }

    private static func isName(_ name: String) -> Bool {
        name.hasPrefix("chronotope_")
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }

    private static func text(_ labels: KeyValuePairs<String, String>) -> String {
        labels.map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// One line, or group of lines, of the exposition.
private protocol MetricSeries: Sendable {
    func write(name: String, labels: String, to text: inout String)
}

/// A number that only grows.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    package var value: Int { count.load(ordering: .relaxed) }

    package func add(_ amount: Int = 1) {
        precondition(amount >= 0, "a counter only grows, by \(amount)")
        count.wrappingAdd(amount, ordering: .relaxed)
    }
}

extension Counter: MetricSeries {
    fileprivate func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
    }
}

/// A number that goes up and down.
package final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    package func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    package func add(_ amount: Double) {
        addAtomically(amount, to: bits)
    }
}

extension Gauge: MetricSeries {
    fileprivate func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(prometheusNumber(value))\n"
    }
}

/// Counts of measurements by size.
package final class Histogram: Sendable {
    /// Seconds, from half a millisecond to the longest deadline.
    package static let durationBounds: [Double] = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private let bounds: [Double]
    /// One a bound and one above the last; each counts its own bucket only.
    private let buckets: [Counter]
    private let sumBits = Atomic<UInt64>(0)

    fileprivate init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "\(bounds) ascend")
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Counter() }
    }

    package var count: Int { buckets.reduce(0) { $0 + $1.value } }
    package var sum: Double { Double(bitPattern: sumBits.load(ordering: .relaxed)) }

    package func observe(_ value: Double) {
        buckets[bounds.firstIndex { value <= $0 } ?? bounds.count].add()
        addAtomically(value, to: sumBits)
    }
}

extension Histogram: MetricSeries {
    fileprivate func write(name: String, labels: String, to text: inout String) {
        let prefix = labels.isEmpty ? "" : labels + ","
        var total = 0
        for (bucket, bound) in zip(buckets, bounds + [.infinity]) {
            total += bucket.value
            text += "\(name)_bucket{\(prefix)le=\"\(prometheusNumber(bound))\"} \(total)\n"
        }
        let group = labels.isEmpty ? "" : "{\(labels)}"
        text += "\(name)_sum\(group) \(prometheusNumber(sum))\n"
        text += "\(name)_count\(group) \(total)\n"
    }
}

private func prometheusNumber(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
}

private func addAtomically(_ amount: Double, to bits: borrowing Atomic<UInt64>) {
    var old = bits.load(ordering: .relaxed)
    while true {
        let new = (Double(bitPattern: old) + amount).bitPattern
        let outcome = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
        if outcome.exchanged { return }
        old = outcome.original
    }
}
