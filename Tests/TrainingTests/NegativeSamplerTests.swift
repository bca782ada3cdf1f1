import Events
import Glibc
import Graphs
import Models
import Propagation
import Testing
import Training

@Suite("negative samples")
struct NegativeSamplerTests {
    /// User 0 met item 0; others met item i i + 1 times in all.
    private func strengths(itemCount: Int = 8) -> CSRMatrix {
        var entries = [CSRMatrix.Entry(row: 0, column: 0)]
        for item in 1..<Int32(itemCount) {
            for user in 1...item + 1 { entries.append(CSRMatrix.Entry(row: user, column: item)) }
        }
        return CSRMatrix(rowCount: itemCount + 1, columnCount: itemCount, entries: entries)
    }

    private func table(
        itemCount: Int = 8,
        place: (Int) -> Place? = { _ in nil },
        hour: (Int) -> Int = { _ in 0 }
    ) -> EventTable {
        EventTable(
            users: Vocabulary(["u"]),
            catalogue: ItemTable(
                items: Vocabulary((0..<itemCount).map { "i\($0 + 10)" }),
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: itemCount),
                place: (0..<itemCount).map(place)
            ),
            actions: Vocabulary(["a"]),
            rows: (0..<itemCount).map { item in
                EventRow(
                    user: 0,
                    item: Int32(item),
                    instant: Instant(secondsSinceEpoch: Int64(hour(item)) * 3_600)
                )
            }
        )
    }

    /// How often each item is drawn for user 0 beside item 0, and the probabilities said.
    private func shares(
        _ table: EventTable,
        _ texts: [String: String]
    ) throws -> (shares: [Double], logProbabilities: [Float?]) {
        var settings = LightGCNSettings()
        try settings.set(texts)
        let sampler = NegativeSampler(table, strengths: strengths(), settings: settings)
        var generator = SplitMix64(seed: 9)
        var counts = [Double](repeating: 0, count: 8)
        var logs = [Float?](repeating: nil, count: 8)
        let drawCount = 20_000
        for _ in 0..<drawCount {
            let (item, log) = sampler.draw(beside: 0, user: 0, using: &generator)
            counts[Int(item)] += 1
            logs[Int(item)] = log
        }
        return (counts.map { $0 / Double(drawCount) }, logs)
    }

    @Test("uniform ones are, but for what the user met", arguments: [1])
    func uniform(_: Int) throws {
        let (shares, logs) = try shares(table(), ["negatives": "uniform"])
        #expect(shares[0] == 0)
        for item in 1..<8 {
            // Five deviations of a share of 1/7 in 20,000.
            #expect(abs(shares[item] - 1.0 / 7) < 0.0125, "\(shares)")
            #expect(abs((logs[item] ?? 0) - logf(1.0 / 8)) < 1e-5)
        }
    }

    @Test("popular ones follow popularity to the power asked for", arguments: [0.5, 1, -1])
    func popularity(exponent: Double) throws {
        let (shares, logs) = try shares(
            table(),
            ["negatives": "popularity", "popularity-exponent": "\(exponent)"]
        )
        let weights = (0..<8).map { pow($0 == 0 ? 1 : Double($0) + 1, exponent) }
        let sum = weights.reduce(0, +)
        #expect(shares[0] == 0)
        for item in 1..<8 {
            #expect(abs(shares[item] - weights[item] / (sum - weights[0])) < 0.018, "\(shares)")
            #expect(abs(exp(Double(logs[item] ?? 9)) - weights[item] / sum) < 1e-5)
        }
    }

    @Test("hard ones are of the same cell or the same hour of the week; uniform without either")
    func hard() throws {
        let choice = ["negatives": "hard"]
        func near(_ item: Int) -> Place? {
            Place(latitudeDegrees: item == 3 || item == 0 ? 10 : 50, longitudeDegrees: 8)
        }
        let byCell = try shares(table(place: near), choice)
        #expect(byCell.shares[3] == 1 && byCell.logProbabilities[3] == .some(nil))
        let byHour = try shares(table(hour: { $0 == 5 ? 168 : $0 * 2 }), choice)
        #expect(byHour.shares[5] == 1)
        let byBoth = try shares(table(place: near, hour: { $0 == 5 ? 168 : $0 * 2 }), choice)
        #expect(abs(byBoth.shares[3] - 0.5) < 0.02 && byBoth.shares[3] + byBoth.shares[5] == 1)
        let byNeither = try shares(table(), choice)
        #expect(byNeither.shares.filter { $0 > 0.1 }.count == 7)
    }

    @Test("a user who met everything still gets an item")
    func everything() throws {
        let all = CSRMatrix(
            rowCount: 1,
            columnCount: 3,
            entries: (0..<3).map { CSRMatrix.Entry(row: 0, column: $0) }
        )
        let sampler = NegativeSampler(
            table(itemCount: 3),
            strengths: all,
            settings: LightGCNSettings()
        )
        var generator = SplitMix64(seed: 1)
        #expect((0..<3).contains(sampler.draw(beside: 0, user: 0, using: &generator).item))
    }
}
