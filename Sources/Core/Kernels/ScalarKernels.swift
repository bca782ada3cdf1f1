/// The kernels as plain loops: the reference for every variant, written to be read.
enum ScalarKernels {
    static func spmm(
        rowOffsets: Span<Int>,
        columns: Span<Int32>,
        weights: Span<Float>,
        rows: Range<Int>,
        input: Span<Float>,
        dimension: Int,
        output: inout MutableSpan<Float>
    ) {
        for row in rows {
            let start = (row - rows.lowerBound) * dimension
            for column in 0..<dimension { output[start + column] = 0 }
            for entry in rowOffsets[row]..<rowOffsets[row + 1] {
                let neighbour = Int(columns[entry]) * dimension
                let weight = weights[entry]
                for column in 0..<dimension {
                    output[start + column] += weight * input[neighbour + column]
                }
            }
        }
    }

    static func spmm(
        rowOffsets: Span<Int>,
        columns: Span<Int32>,
        weights: Span<Float>,
        rows: Range<Int>,
        input: Span<Float16>,
        dimension: Int,
        output: inout MutableSpan<Float>
    ) {
        for row in rows {
            let start = (row - rows.lowerBound) * dimension
            for column in 0..<dimension { output[start + column] = 0 }
            for entry in rowOffsets[row]..<rowOffsets[row + 1] {
                let neighbour = Int(columns[entry]) * dimension
                let weight = weights[entry]
                for column in 0..<dimension {
                    output[start + column] += weight * Float(input[neighbour + column])
                }
            }
        }
    }

    static func dot(_ left: Span<Float>, _ right: Span<Float>) -> Float {
        var sum: Float = 0
        for index in 0..<left.count { sum += left[index] * right[index] }
        return sum
    }

    static func matrixVector(
        _ matrix: Span<Float>,
        vector: Span<Float>,
        output: inout MutableSpan<Float>
    ) {
        let dimension = vector.count
        for row in 0..<output.count {
            let start = row * dimension
            output[row] = dot(matrix.extracting(start..<start + dimension), vector)
        }
    }

    static func scaledAdd(
        _ factor: Float,
        _ input: Span<Float>,
        keeping kept: Float,
        to output: inout MutableSpan<Float>
    ) {
        for index in 0..<input.count {
            output[index] = factor * input[index] + kept * output[index]
        }
    }

    /// Sees `ck_next_hits`.
    static func nextHits(
        _ scores: Span<Float>,
        mask: Span<UInt64>?,
        above threshold: Float,
        from first: Int
    ) -> (group: Int, hits: UInt64) {
        let groupCount = (scores.count + 63) / 64
        for group in first..<max(first, groupCount) {
            var hits: UInt64 = 0
            for index in group * 64..<min(group * 64 + 64, scores.count)
            where scores[index] > threshold {
                hits |= 1 << UInt64(index % 64)
            }
            if let mask { hits &= mask[group] }
            if hits != 0 { return (group, hits) }
        }
        return (groupCount, 0)
    }
}
