import Models
import Propagation
import Testing
import Training
import Workers

@Suite("optimizers of embeddings")
struct EmbeddingOptimizerTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    private func matrix(_ values: [Float]) -> DenseMatrix {
        DenseMatrix(rowCount: values.count / 2, columnCount: 2, values: values)
    }

    @Test(
        "three steps are those of the papers, in float64",
        arguments: LightGCNSettings.Optimizer.allCases
    )
    func steps(kind: LightGCNSettings.Optimizer) {
        let slopes: [[Float]] = [[0.5, -1, 0, 2], [0.25, 1, 0, 2], [-1, 0.5, 0, -4]]
        var table = matrix([1, -2, 0.5, 3])
        var optimizer = EmbeddingOptimizer(kind, for: table)
        var expected = table.values.map { Double($0) }
        var first = [0.0, 0, 0, 0]
        var second = [0.0, 0, 0, 0]
        var rows = [0.0, 0]
        var firstPower = 1.0
        var secondPower = 1.0
        for slope in slopes {
            table = optimizer.step(table, slopes: matrix(slope), rate: 0.1, on: pool)
            firstPower *= 0.9
            secondPower *= 0.999
            for row in 0..<2 {
                let squares = (0..<2).reduce(0.0) {
                    $0 + Double(slope[row * 2 + $1]) * Double(slope[row * 2 + $1])
                }
                rows[row] += squares / 2
            }
            for index in 0..<4 {
                let own = Double(slope[index])
                first[index] = 0.9 * first[index] + 0.1 * own
                second[index] = 0.999 * second[index] + 0.001 * own * own
                switch kind {
                case .gradientDescent: expected[index] -= 0.1 * own
                case .adam:
                    let root = (second[index] / (1 - secondPower)).squareRoot() + 1e-8
                    expected[index] -= 0.1 * first[index] / (1 - firstPower) / root
                case .adagrad:
                    expected[index] -= 0.1 * own / (rows[index / 2].squareRoot() + 1e-8)
                }
            }
        }
        for (value, expected) in zip(table.values, expected) {
            #expect(abs(Double(value) - expected) < 1e-5)
        }
    }

    @Test("L1, L2 and both pull towards zero as their sums' slopes do")
    func penalties() {
        let start: [Float] = [1, -2, 0, 3]
        for (l1, l2) in [(Float(0), Float(0.5)), (0.25, 0), (0.25, 0.5)] {
            let table = matrix(start)
            var optimizer = EmbeddingOptimizer(
                .gradientDescent,
                for: table,
                penalty: EmbeddingOptimizer.Penalty(l1: l1, l2: l2)
            )
            let none = matrix([0, 0, 0, 0])
            let after = optimizer.step(table, slopes: none, rate: 1, on: pool).values
            for (value, old) in zip(after, start) {
                let sign: Float = old > 0 ? 1 : old < 0 ? -1 : 0
                #expect(abs(value - (old - l1 * sign - l2 * old)) < 1e-6)
            }
        }
    }
}
