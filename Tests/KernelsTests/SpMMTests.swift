import Kernels
import Testing

@Suite("sparse–dense product")
struct SpMMTests {
    /// Rows of 0, 1, 2, 17 and 40 entries; repeated columns allowed.
    private struct Problem {
        let rowOffsets: [Int]
        let columns: [Int32]
        let weights: [Float]
        let input: [Float]
        let dimension: Int
        let inputRows = 23

        init(dimension: Int, seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            var offsets = [0]
            for length in [0, 1, 2, 17, 0, 40, 3] {
                offsets.append(offsets[offsets.count - 1] + length)
            }
            let count = offsets[offsets.count - 1]
            columns = (0..<count).map { _ in Int32.random(in: 0..<23, using: &generator) }
            weights = generator.floats(count)
            input = generator.floats(23 * dimension)
            rowOffsets = offsets
            self.dimension = dimension
        }

        var rowCount: Int { rowOffsets.count - 1 }

        func product(_ variant: KernelVariant, rows: Range<Int>) -> [Float] {
            var output = [Float](repeating: .nan, count: rows.count * dimension)
            var span = output.mutableSpan
            variant.spmm(
                rowOffsets: rowOffsets.span,
                columns: columns.span,
                weights: weights.span,
                rows: rows,
                input: input.span,
                dimension: dimension,
                output: &span
            )
            return output
        }

        func halfProduct(_ variant: KernelVariant) -> [Float] {
            var output = [Float](repeating: .nan, count: rowCount * dimension)
            var span = output.mutableSpan
            let halves = input.map { Float16($0) }
            variant.spmm(
                rowOffsets: rowOffsets.span,
                columns: columns.span,
                weights: weights.span,
                rows: 0..<rowCount,
                input: halves.span,
                dimension: dimension,
                output: &span
            )
            return output
        }
    }

    @Test("a product small enough for paper", arguments: KernelVariant.available)
    func byHand(variant: KernelVariant) {
        // [0 2; 0 0; 1 3] · [1 10; 2 20]
        let offsets = [0, 1, 1, 3]
        let columns: [Int32] = [1, 0, 1]
        let weights: [Float] = [2, 1, 3]
        let input: [Float] = [1, 10, 2, 20]
        var output = [Float](repeating: .nan, count: 6)
        var span = output.mutableSpan
        variant.spmm(
            rowOffsets: offsets.span,
            columns: columns.span,
            weights: weights.span,
            rows: 0..<3,
            input: input.span,
            dimension: 2,
            output: &span
        )
        #expect(output == [4, 40, 0, 0, 7, 70])
    }

    @Test("every variant equals the scalar at every width", arguments: interestingLengths)
    func equalsScalar(dimension: Int) {
        let problem = Problem(dimension: dimension, seed: 5)
        let rows = 0..<problem.rowCount
        let expected = problem.product(.scalar, rows: rows)
        let expectedHalf = problem.halfProduct(.scalar)
        for variant in KernelVariant.fast {
            for (result, truth) in zip(problem.product(variant, rows: rows), expected) {
                // 40 products below 1: 40 roundings of 2⁻²⁴ each stay below 1e-5.
                #expect(isClose(result, truth), "\(variant)")
            }
            for (result, truth) in zip(problem.halfProduct(variant), expectedHalf) {
                #expect(isClose(result, truth), "\(variant), halves")
            }
        }
        let bits = KernelVariant.fused.map {
            problem.product($0, rows: rows).map(\.bitPattern)
        }
        #expect(Set(bits).count <= 1, "fused variants differ")
    }

    @Test("any split into row blocks gives the same bits", arguments: KernelVariant.available)
    func blocks(variant: KernelVariant) {
        let problem = Problem(dimension: 70, seed: 6)
        let whole = problem.product(variant, rows: 0..<problem.rowCount)
        for cut in 0...problem.rowCount {
            let parts =
                problem.product(variant, rows: 0..<cut)
                + problem.product(variant, rows: cut..<problem.rowCount)
            #expect(parts.map(\.bitPattern) == whole.map(\.bitPattern), "cut at \(cut)")
        }
    }

    @Test("NaN and infinity stay in the rows that touch them", arguments: KernelVariant.available)
    func special(variant: KernelVariant) {
        let offsets = [0, 1, 2]
        let columns: [Int32] = [0, 1]
        let weights: [Float] = [1, 0.5]
        for dimension in interestingLengths where dimension > 0 {
            var input = [Float](repeating: 1, count: 2 * dimension)
            input[dimension - 1] = .nan
            input[0] = dimension == 1 ? .nan : .infinity
            var output = [Float](repeating: 0, count: 2 * dimension)
            var span = output.mutableSpan
            variant.spmm(
                rowOffsets: offsets.span,
                columns: columns.span,
                weights: weights.span,
                rows: 0..<2,
                input: input.span,
                dimension: dimension,
                output: &span
            )
            #expect(output[dimension - 1].isNaN)
            #expect(dimension == 1 || output[0] == .infinity)
            #expect(output[dimension...].allSatisfy { $0 == 0.5 })
        }
    }

    @Test("denormals are not flushed", arguments: KernelVariant.available)
    func denormals(variant: KernelVariant) {
        let tiny = Float.leastNonzeroMagnitude * 8
        let columns: [Int32] = [0]
        let weights: [Float] = [0.5]
        let input = [Float](repeating: tiny, count: 67)
        var output = [Float](repeating: 0, count: 67)
        var span = output.mutableSpan
        variant.gather(
            columns: columns.span,
            weights: weights.span,
            input: input.span,
            output: &span
        )
        #expect(output.allSatisfy { $0 == tiny / 2 })
    }

    @Test("every half converts as Swift converts it", arguments: KernelVariant.available)
    func halves(variant: KernelVariant) {
        let patterns = Array(UInt16.min...UInt16.max)
        let input = patterns.map { Float16(bitPattern: $0) }
        var output = [Float](repeating: 0, count: input.count)
        var span = output.mutableSpan
        let offsets = [0, 1]
        let columns: [Int32] = [0]
        let weights: [Float] = [1]
        variant.spmm(
            rowOffsets: offsets.span,
            columns: columns.span,
            weights: weights.span,
            rows: 0..<1,
            input: input.span,
            dimension: input.count,
            output: &span
        )
        for (half, result) in zip(input, output) {
            #expect(result == Float(half) || (result.isNaN && half.isNaN), "\(half)")
        }
    }

    @Test("gather sums the rows of a history", arguments: KernelVariant.available)
    func gather(variant: KernelVariant) {
        let columns: [Int32] = [2, 0, 2]
        let weights: [Float] = [1, 10, 100]
        let input: [Float] = [1, 2, 3, 4, 5, 6]
        var output: [Float] = [.nan, .nan]
        var span = output.mutableSpan
        variant.gather(
            columns: columns.span,
            weights: weights.span,
            input: input.span,
            output: &span
        )
        #expect(output == [515, 626])
        var none: [Float] = [.nan]
        var noneSpan = none.mutableSpan
        let noColumns: [Int32] = []
        let noWeights: [Float] = []
        variant.gather(
            columns: noColumns.span,
            weights: noWeights.span,
            input: input.span,
            output: &noneSpan
        )
        #expect(none == [0])
    }

    @Test("a column outside the input stops the program")
    func badColumn() async {
        await #expect(processExitsWith: .failure) {
            let columns: [Int32] = [7]
            let weights: [Float] = [1]
            let input: [Float] = [1, 2]
            var output: [Float] = [0]
            var span = output.mutableSpan
            KernelVariant.best.gather(
                columns: columns.span,
                weights: weights.span,
                input: input.span,
                output: &span
            )
        }
    }
}
