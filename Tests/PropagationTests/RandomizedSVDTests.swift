import Graphs
import Propagation
import Testing
import Workers

@Suite("randomized SVD")
struct RandomizedSVDTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    @Test("finds the spectrum of a diagonal matrix, and its axes")
    func diagonal() {
        let spectrum: [Float] = [3, 9, 1, 7, 5]
        let matrix = CSRMatrix(
            rowCount: 6,
            columnCount: 5,
            entries: spectrum.enumerated().map { index, value in
                CSRMatrix.Entry(row: Int32(index), column: Int32(index), value: value)
            }
        )
        let found = RandomizedSVD(
            matrix,
            settings: RandomizedSVD.Settings(rank: 3, seed: 4),
            on: pool
        )
        #expect(found.singularValues.count == 3)
        for (value, expected) in zip(found.singularValues, [9.0, 7, 5]) {
            #expect(abs(value - expected) < 1e-4)
        }
        for (column, axis) in [1, 3, 4].enumerated() {
            #expect(abs(abs(found.rightVectors[axis, column]) - 1) < 1e-4)
        }
    }

    @Test("a decomposition that is told to stop skips the other iterations")
    func stop() {
        let matrix = CSRMatrix(
            rowCount: 4,
            columnCount: 4,
            entries: (0..<4).map { CSRMatrix.Entry(row: $0, column: $0) }
        )
        var shares: [Double] = []
        _ = RandomizedSVD(
            matrix,
            settings: RandomizedSVD.Settings(rank: 2, powerIterations: 3, seed: 1),
            on: pool
        ) { done in
            shares.append(done)
            return shares.count < 2
        }
        #expect(shares == [0.2, 0.4])
    }

    @Test("the complete bipartite graph has one direction, whatever rank is asked for")
    func rankDeficient() {
        let entries = (0..<8 * 5).map {
            CSRMatrix.Entry(row: Int32($0 / 5), column: Int32($0 % 5))
        }
        let matrix = CSRMatrix(rowCount: 8, columnCount: 5, entries: entries)
        let found = RandomizedSVD(
            matrix,
            settings: RandomizedSVD.Settings(rank: 4, seed: 1),
            on: pool
        )
        #expect(found.singularValues.count == 1)
        #expect(abs(found.singularValues[0] - 40.0.squareRoot()) < 1e-5)
        for row in 0..<5 {
            #expect(abs(abs(Double(found.rightVectors[row, 0])) - 0.2.squareRoot()) < 1e-6)
        }
    }

    @Test("a matrix of zeros has no singular vectors")
    func zeros() {
        let matrix = CSRMatrix(rowCount: 4, columnCount: 3, entries: [])
        let found = RandomizedSVD(
            matrix,
            settings: RandomizedSVD.Settings(rank: 2, seed: 1),
            on: pool
        )
        #expect(found.singularValues.isEmpty)
        #expect(found.rightVectors.columnCount == 0)
    }

    @Test("V is orthonormal and diagonalizes RᵀR", arguments: 0..<5)
    func diagonalizes(seed: Int) {
        let matrix = randomMatrix(rowCount: 600, columnCount: 300, seed: UInt64(seed))
        let found = RandomizedSVD(
            matrix,
            settings: RandomizedSVD.Settings(rank: 300, seed: UInt64(seed)),
            on: pool
        )
        let vectors = found.rightVectors
        let identity = vectors.gram(on: pool)
        let diagonal = matrix.multiplied(by: vectors, on: pool).gram(on: pool)
        let count = found.singularValues.count
        #expect(count > 250, "seed \(seed)")
        var worst = 0.0
        for row in 0..<count {
            for column in row..<count {
                let expected = row == column ? 1.0 : 0
                worst = max(worst, abs(identity.values[row * count + column] - expected))
                let square = expected * found.singularValues[row] * found.singularValues[row]
                worst = max(worst, abs(diagonal.values[row * count + column] - square))
            }
        }
        #expect(worst < 2e-4 * found.singularValues[0], "seed \(seed): \(worst)")
    }

    @Test("gives the same bytes with one and with several threads", arguments: [2, 5])
    func threads(count: Int) {
        let matrix = randomMatrix(rowCount: 1_500, columnCount: 5_000, seed: 9)
        let settings = RandomizedSVD.Settings(rank: 20, seed: 3)
        let many = WorkerPool(name: "many", threadCount: count, queueLimit: 1)
        let first = RandomizedSVD(matrix, settings: settings, on: pool)
        let second = RandomizedSVD(matrix, settings: settings, on: many)
        #expect(first.singularValues == second.singularValues)
        #expect(first.rightVectors.values == second.rightVectors.values)
        let other = RandomizedSVD(
            matrix,
            settings: RandomizedSVD.Settings(rank: 20, seed: 4),
            on: pool
        )
        #expect(first.rightVectors.values != other.rightVectors.values)
    }
}

@Suite("sparse product")
struct SparseProductTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    @Test("sums weighted neighbours; an isolated row gives zeros")
    func onPaper() {
        let matrix = CSRMatrix(
            rowCount: 3,
            columnCount: 2,
            entries: [
                CSRMatrix.Entry(row: 0, column: 0, value: 2),
                CSRMatrix.Entry(row: 0, column: 1, value: 1),
                CSRMatrix.Entry(row: 2, column: 1, value: -1),
            ]
        )
        let dense = DenseMatrix(rowCount: 2, columnCount: 2, values: [1, 2, 10, 20])
        #expect(matrix.multiplied(by: dense, on: pool).values == [12, 24, 0, 0, -10, -20])
    }

    @Test("the transpose moves the same weight backwards: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩")
    func adjoint() {
        let matrix = randomMatrix(rowCount: 700, columnCount: 500, seed: 2)
        let left = DenseMatrix.gaussian(rowCount: 500, columnCount: 1, seed: 1, on: pool)
        let right = DenseMatrix.gaussian(rowCount: 700, columnCount: 1, seed: 2, on: pool)
        let forward = matrix.multiplied(by: left, on: pool).values
        let backward = matrix.transposed().multiplied(by: right, on: pool).values
        let first = zip(forward, right.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let second = zip(backward, left.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(first - second) < 1e-3 * max(1, abs(first)))
        #expect(abs(first) > 0.1)
    }
}

/// About three entries a row.
private func randomMatrix(rowCount: Int, columnCount: Int, seed: UInt64) -> CSRMatrix {
    var generator = SplitMix64(seed: seed)
    let entries = (0..<rowCount * 3).map { _ in
        CSRMatrix.Entry(
            row: Int32.random(in: 0..<Int32(rowCount), using: &generator),
            column: Int32.random(in: 0..<Int32(columnCount), using: &generator),
            value: Float.random(in: 0.5...1, using: &generator)
        )
    }
    return CSRMatrix(rowCount: rowCount, columnCount: columnCount, entries: entries)
}
