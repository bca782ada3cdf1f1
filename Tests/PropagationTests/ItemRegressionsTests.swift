import Glibc
import Graphs
import Propagation
import Testing
import Workers

@Suite("item regressions")
struct ItemRegressionsTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private static let userCount = 60
    /// More than one block of items.
    private static let itemCount = 300
    private static let ridge = 0.7
    private static let exponent = 0.4

    private func strengths(seed: UInt64) -> CSRMatrix {
        randomStrengths(userCount: Self.userCount, itemCount: Self.itemCount, seed: seed)
    }

    private func regressions(
        _ strengths: CSRMatrix,
        count: Int,
        on pool: WorkerPool
    ) -> CSRMatrix {
        strengths.itemRegressions(
            count: count,
            ridge: Self.ridge,
            userExponent: Self.exponent,
            sourceExponent: 0.5,
            on: pool
        )
    }

    @Test("each item's weights solve its normal equations in float64, over the items nearest to it")
    func normalEquations() {
        let strengths = strengths(seed: 1)
        let weights = strengths.rowDegrees().map { $0 > 0 ? pow($0, -Self.exponent) : 0 }
        let degrees = strengths.columnDegrees()
        func product(_ one: Int, _ other: Int) -> Double {
            (0..<Self.userCount).reduce(0) { sum, user in
                let pair = Double(strengths[user, one]) * Double(strengths[user, other])
                return sum + weights[user] * pair
            }
        }
        let found = regressions(strengths, count: 9, on: pool).transposed()
        for item in stride(from: 0, to: Self.itemCount, by: 29) {
            let sources = found.range(ofRow: item).map { Int(found.columns[$0]) }
            let solution = found.range(ofRow: item).map { Double(found.values[$0]) }
            #expect(sources.count == 9 && !sources.contains(item))
            for source in sources {
                let fitted = zip(sources, solution).reduce(0) { $0 + product(source, $1.0) * $1.1 }
                let own = solution[sources.firstIndex(of: source) ?? 0]
                #expect(abs(product(source, item) - fitted - Self.ridge * own) < 1e-4)
            }
            let least = sources.map { product($0, item) / degrees[$0].squareRoot() }.min() ?? 0
            for other in 0..<Self.itemCount where other != item && !sources.contains(other) {
                let nearness = degrees[other] > 0 ? product(other, item) : 0
                #expect(nearness <= least * degrees[other].squareRoot() + 1e-5)
            }
        }
    }

    @Test("an item that says the same as another shares its weight")
    func twins() {
        // Item 2 goes with 0 and its twin 1, always together.
        let entries = (0..<20).flatMap { user in
            (0..<Int32(3)).map { CSRMatrix.Entry(row: Int32(user), column: $0, value: 1) }
        }
        let strengths = CSRMatrix(rowCount: 20, columnCount: 3, entries: entries)
        let found = regressions(strengths, count: 2, on: pool)
        #expect(abs(found[0, 2] - found[1, 2]) < 1e-6)
        #expect(found[0, 2] > 0.4 && found[0, 2] < 0.5)
    }

    @Test("one thread and three give the same links")
    func threads() {
        let many = WorkerPool(name: "many", threadCount: 3, queueLimit: 1)
        let strengths = strengths(seed: 2)
        #expect(
            regressions(strengths, count: 20, on: pool)
                == regressions(strengths, count: 20, on: many)
        )
    }
}
