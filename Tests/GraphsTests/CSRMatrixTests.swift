import Graphs
import Testing

@Suite("CSR matrix")
struct CSRMatrixTests {
    private let small = CSRMatrix(
        rowCount: 3,
        columnCount: 4,
        entries: [
            CSRMatrix.Entry(row: 2, column: 1, value: 5),
            CSRMatrix.Entry(row: 0, column: 3, value: 2),
            CSRMatrix.Entry(row: 0, column: 0, value: 1),
            CSRMatrix.Entry(row: 2, column: 1, value: -1),
        ]
    )

    @Test("sorts entries and adds those that share a place")
    func builds() {
        #expect(small.rowOffsets == [0, 2, 2, 3])
        #expect(small.columns == [0, 3, 1])
        #expect(small.values == [1, 2, 4])
        #expect(small[0, 3] == 2)
        #expect(small[1, 1] == 0)
        #expect(small[0, 1] == 0)
    }

    @Test("an empty matrix has empty rows")
    func empty() {
        let empty = CSRMatrix(rowCount: 2, columnCount: 0, entries: [])
        #expect(empty.rowOffsets == [0, 0, 0])
        #expect(empty.transposed().rowOffsets == [0])
    }

    @Test("does not depend on the order of entries of different places", arguments: 0..<10)
    func orderFree(seed: Int) {
        let entries = randomEntries(seed: seed)
        var generator = Generator(seed: seed + 1_000)
        let shuffled = entries.shuffled(using: &generator)
        #expect(
            CSRMatrix(rowCount: 13, columnCount: 9, entries: entries)
                == CSRMatrix(rowCount: 13, columnCount: 9, entries: shuffled)
        )
    }

    @Test("transposing swaps every place, and twice is nothing", arguments: 0..<10)
    func transposes(seed: Int) {
        let matrix = CSRMatrix(rowCount: 13, columnCount: 9, entries: randomEntries(seed: seed))
        let transpose = matrix.transposed()
        for row in 0..<13 {
            for column in 0..<9 { #expect(matrix[row, column] == transpose[column, row]) }
        }
        #expect(transpose.transposed() == matrix)
        #expect(transpose != matrix)
    }

    @Test("rows sum to one after row normalization; an isolated row stays empty")
    func rowNormalizes() {
        let normalized = small.rowNormalized()
        #expect(normalized.values == [Float(1) / 3, Float(2) / 3, 1])
        #expect(normalized.rowOffsets == small.rowOffsets)
    }

    @Test("D_r^(-1/2) R D_c^(-1/2) on paper")
    func symmetricOnPaper() {
        // Row degrees 3, 0, 4; column degrees 1, 4, 0, 2.
        let normalized = small.normalized(rowExponent: 0.5, columnExponent: 0.5)
        let expected = [1 / 3.0.squareRoot(), 2 / 6.0.squareRoot(), 4 / 16.0.squareRoot()]
        for (value, wanted) in zip(normalized.values, expected) {
            #expect(abs(Double(value) - wanted) < 1e-7)
        }
    }

    @Test("degrees count the magnitude of negative edges")
    func negativeDegrees() {
        let matrix = CSRMatrix(
            rowCount: 1,
            columnCount: 2,
            entries: [
                CSRMatrix.Entry(row: 0, column: 0, value: 3),
                CSRMatrix.Entry(row: 0, column: 1, value: -1),
            ]
        )
        #expect(matrix.rowDegrees() == [4])
        #expect(matrix.rowNormalized().values == [0.75, -0.25])
    }

    @Test("Â of an undirected graph is symmetric to the bit", arguments: 0..<10)
    func symmetric(seed: Int) {
        let half = randomEntries(seed: seed)
        // Rows first, then columns.
        let adjacency = CSRMatrix(
            rowCount: 22,
            columnCount: 22,
            entries: half.flatMap { entry in
                [
                    CSRMatrix.Entry(row: entry.row, column: entry.column + 13, value: entry.value),
                    CSRMatrix.Entry(row: entry.column + 13, column: entry.row, value: entry.value),
                ]
            }
        )
        let normalized = adjacency.symmetricallyNormalized()
        #expect(normalized.nonZeroCount == 2 * half.count)
        #expect(normalized == normalized.transposed())
        // It would be trivially so if normalization did nothing.
        #expect(normalized != adjacency)
    }

    @Test("renaming nodes permutes rows and columns of Â", arguments: 0..<10)
    func permutes(seed: Int) {
        var generator = Generator(seed: seed + 2_000)
        let names = (0..<13).map { Int32($0) }.shuffled(using: &generator)
        let entries = randomEntries(seed: seed).flatMap { entry in
            [entry, CSRMatrix.Entry(row: entry.column, column: entry.row, value: entry.value)]
        }
        let renamed = entries.map { entry in
            CSRMatrix.Entry(
                row: names[Int(entry.row)],
                column: names[Int(entry.column)],
                value: entry.value
            )
        }
        let plain = CSRMatrix(rowCount: 13, columnCount: 13, entries: entries)
            .symmetricallyNormalized()
        let moved = CSRMatrix(rowCount: 13, columnCount: 13, entries: renamed)
            .symmetricallyNormalized()
        for row in 0..<13 {
            for column in 0..<13 {
                let other = moved[Int(names[row]), Int(names[column])]
                #expect(abs(plain[row, column] - other) < 1e-6, "seed \(seed)")
            }
        }
    }

    /// Distinct places of a 13 × 9 matrix.
    private func randomEntries(seed: Int) -> [CSRMatrix.Entry] {
        var generator = Generator(seed: seed)
        return (0..<13 * 9).filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
            .map { place in
                CSRMatrix.Entry(
                    row: Int32(place / 9),
                    column: Int32(place % 9),
                    value: Float.random(in: 0.5...2, using: &generator)
                )
            }
    }
}

/// A small linear congruential generator (Knuth's MMIX constants).
struct Generator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: Int) { state = UInt64(seed) &* 2 &+ 1 }

    mutating func next() -> UInt64 {
        var word: UInt64 = 0
        for _ in 0..<2 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            word = word << 32 | state >> 32
        }
        return word
    }
}
