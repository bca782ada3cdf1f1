import CKernels

extension KernelVariant {
    /// Σ left[i] · right[i]; the spans are equally long. AVX2, AVX-512 and NEON agree to the bit.
    package func dot(_ left: Span<Float>, _ right: Span<Float>) -> Float {
        precondition(left.count == right.count, "dot of \(left.count) and \(right.count)")
        guard let cVariant, !left.isEmpty else { return ScalarKernels.dot(left, right) }
        return unsafe left.withUnsafeBufferPointer { left in
            unsafe right.withUnsafeBufferPointer { right in
                unsafe ck_dot(cVariant, left.baseAddress, right.baseAddress, left.count)
            }
        }
    }

    /// Writes matrix · vector: the scores of all items for one query, each the same bits as `dot`.
    ///
    /// - Parameters:
    ///   - matrix: row-major [output.count, vector.count].
    ///   - output: one number a row; overwritten.
    package func matrixVector(
        _ matrix: Span<Float>,
        vector: Span<Float>,
        output: inout MutableSpan<Float>
    ) {
        precondition(
            matrix.count == output.count * vector.count,
            "\(matrix.count) numbers are not \(output.count) × \(vector.count)"
        )
        guard let cVariant, !matrix.isEmpty else {
            return ScalarKernels.matrixVector(matrix, vector: vector, output: &output)
        }
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe matrix.withUnsafeBufferPointer { matrix in
                unsafe vector.withUnsafeBufferPointer { vector in
                    unsafe ck_matrix_vector(
                        cVariant,
                        matrix.baseAddress,
                        output.count,
                        vector.count,
                        vector.baseAddress,
                        output.baseAddress
                    )
                }
            }
        }
    }

    /// output = factor · input + kept · output, number by number; with `kept` 1 it is "axpy".
    ///
    /// A `kept` of 0 keeps a NaN or infinity of the old output as NaN.
    package func scaledAdd(
        _ factor: Float,
        _ input: Span<Float>,
        keeping kept: Float = 1,
        to output: inout MutableSpan<Float>
    ) {
        precondition(input.count == output.count, "adding \(input.count) to \(output.count)")
        guard let cVariant, !input.isEmpty else {
            return ScalarKernels.scaledAdd(factor, input, keeping: kept, to: &output)
        }
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe input.withUnsafeBufferPointer { input in
                unsafe ck_scaled_add(
                    cVariant,
                    factor,
                    input.baseAddress,
                    kept,
                    output.baseAddress,
                    input.count
                )
            }
        }
    }
}
