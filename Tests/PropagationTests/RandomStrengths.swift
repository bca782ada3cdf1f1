import Graphs
import Propagation

/// What users did with items at random: one pair in ten, of strengths within −0.2...1.
func randomStrengths(userCount: Int, itemCount: Int, seed: UInt64) -> CSRMatrix {
    var generator = SplitMix64(seed: seed)
    var entries: [CSRMatrix.Entry] = []
    for user in 0..<Int32(userCount) {
        for item in 0..<Int32(itemCount) where generator.nextUniform() < 0.1 {
            let value = Float(generator.nextUniform() * 1.2 - 0.2)
            entries.append(CSRMatrix.Entry(row: user, column: item, value: value))
        }
    }
    return CSRMatrix(rowCount: userCount, columnCount: itemCount, entries: entries)
}
