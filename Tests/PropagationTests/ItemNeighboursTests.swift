import Glibc
import Graphs
import Propagation
import Testing
import Workers

@Suite("item neighbours")
struct ItemNeighboursTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private static let userCount = 30
    /// More than one block of rows.
    private static let itemCount = 300

    private func strengths(seed: UInt64) -> CSRMatrix {
        randomStrengths(userCount: Self.userCount, itemCount: Self.itemCount, seed: seed)
    }

    private func neighbours(
        _ strengths: CSRMatrix,
        count: Int,
        on pool: WorkerPool
    ) -> CSRMatrix {
        strengths.itemNeighbours(
            count: count,
            userExponent: 1,
            sourceExponent: 0.5,
            targetExponent: 0.3,
            on: pool
        )
    }

    @Test("are the largest positive values of the hop in float64, the item itself left out")
    func values() {
        let strengths = strengths(seed: 1)
        let users = strengths.rowDegrees()
        let items = strengths.columnDegrees()
        let found = neighbours(strengths, count: 7, on: pool)
        for item in stride(from: 0, to: Self.itemCount, by: 13) {
            let all = (0..<Self.itemCount).map { other in
                let sum = (0..<Self.userCount).reduce(0.0) { sum, user in
                    let pair = Double(strengths[user, item]) * Double(strengths[user, other])
                    return users[user] > 0 ? sum + pair / users[user] : sum
                }
                return other == item || items[item] == 0 || items[other] == 0
                    ? 0 : sum * pow(items[item], -0.5) * pow(items[other], -0.3)
            }
            let best = all.filter { $0 > 0 }.sorted(by: >).prefix(7)
            let row = found.range(ofRow: item)
            #expect(row.count == best.count)
            for position in row {
                let other = Int(found.columns[position])
                #expect(abs(Double(found.values[position]) - all[other]) < 1e-5)
                #expect(all[other] >= (best.last ?? 0) - 1e-5 && other != item)
            }
        }
        #expect(found.nonZeroCount > 1_500)
    }

    @Test("one thread and three give the same links")
    func threads() {
        let many = WorkerPool(name: "many", threadCount: 3, queueLimit: 1)
        let strengths = strengths(seed: 2)
        #expect(
            neighbours(strengths, count: 20, on: pool)
                == neighbours(strengths, count: 20, on: many)
        )
    }
}
