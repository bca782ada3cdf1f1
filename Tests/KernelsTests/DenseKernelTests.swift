import Kernels
import Testing

@Suite("dense kernels")
struct DenseKernelTests {
    @Test("dot equals float64 within rounding, at every length and start, in every variant")
    func dot() {
        var generator = SeededGenerator(seed: 1)
        let left = generator.floats(210)
        let right = generator.floats(210)
        for variant in KernelVariant.available {
            for length in interestingLengths {
                for start in 0..<4 {
                    let range = start..<start + length
                    let expected = range.reduce(0.0) {
                        $0 + Double(left[$1]) * Double(right[$1])
                    }
                    let result = variant.dot(
                        left.span.extracting(range),
                        right.span.extracting(range)
                    )
                    // n roundings of partial sums below √n, each 2⁻²⁴ relative.
                    #expect(isClose(result, Float(expected)), "\(variant) \(range)")
                }
            }
        }
    }

    @Test("fused variants give the same bits for dot and for scores")
    func dotBits() {
        var generator = SeededGenerator(seed: 2)
        let left = generator.floats(200)
        let right = generator.floats(200)
        for length in interestingLengths {
            let bits = KernelVariant.fused.map {
                $0.dot(left.span.extracting(0..<length), right.span.extracting(0..<length))
                    .bitPattern
            }
            #expect(Set(bits).count <= 1, "length \(length): \(bits)")
        }
    }

    @Test("NaN, infinity and denormals come through dot as in the scalar")
    func special() {
        for length in interestingLengths where length > 0 {
            for position in [0, length / 2, length - 1] {
                for special in [Float.nan, .infinity, -.infinity, .leastNonzeroMagnitude] {
                    var left = [Float](repeating: 0, count: length)
                    left[position] = special
                    let right = [Float](repeating: 1, count: length)
                    let expected = KernelVariant.scalar.dot(left.span, right.span)
                    for variant in KernelVariant.fast {
                        let result = variant.dot(left.span, right.span)
                        #expect(
                            result == expected || (result.isNaN && expected.isNaN),
                            "\(variant) length \(length) \(special): \(result) ≠ \(expected)"
                        )
                    }
                }
            }
        }
    }

    @Test("scores of a matrix are its rows' dots to the bit")
    func matrixVector() {
        var generator = SeededGenerator(seed: 3)
        for dimension in interestingLengths {
            let matrix = generator.floats(7 * dimension)
            let vector = generator.floats(dimension)
            for variant in KernelVariant.available {
                var output = [Float](repeating: .nan, count: 7)
                var span = output.mutableSpan
                variant.matrixVector(matrix.span, vector: vector.span, output: &span)
                for row in 0..<7 {
                    let rowSpan = matrix.span.extracting(row * dimension..<(row + 1) * dimension)
                    let expected = variant.dot(rowSpan, vector.span)
                    #expect(
                        output[row].bitPattern == expected.bitPattern,
                        "\(variant) \(dimension)"
                    )
                }
            }
        }
    }

    @Test("scaled add writes its range only, and equals the scalar", arguments: interestingLengths)
    func scaledAdd(length: Int) {
        var generator = SeededGenerator(seed: 4)
        let input = generator.floats(length)
        let before = generator.floats(length + 2)
        for (factor, kept) in [(0.5, 1), (-1.25, 0.9), (0, 0), (.nan, 1)] as [(Float, Float)] {
            for variant in KernelVariant.available {
                let shared = SharedFloats(before)
                shared.withMutableSpan(1..<length + 1) { middle in
                    variant.scaledAdd(factor, input.span, keeping: kept, to: &middle)
                }
                let output = shared.floats()
                #expect(output.first == before.first && output.last == before.last)
                for index in 0..<length {
                    let expected = factor * input[index] + kept * before[index + 1]
                    #expect(isClose(output[index + 1], expected, tolerance: 1e-6), "\(variant)")
                }
            }
        }
    }

    @Test("this CPU runs the scalar, the portable and, on current machines, a SIMD variant")
    func availability() {
        #expect(KernelVariant.available.starts(with: [.scalar, .portable]))
        #expect(KernelVariant.available.last == KernelVariant.best)
        #if arch(arm64)
            #expect(KernelVariant.best == .neon)
        #endif
    }
}
