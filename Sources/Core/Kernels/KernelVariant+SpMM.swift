import CKernels

extension KernelVariant {
    /// Writes rows of the sparse–dense product S·E: one propagation step for those rows.
    ///
    /// Output row r is Σ_j weights[j] · input[columns[j], :], added in the order of `columns`, so
    /// any split of the rows over threads gives the same bits. AVX2, AVX-512 and NEON agree to
    /// the bit (fused multiply-add); the scalar ones differ by rounding.
    ///
    /// - Parameters:
    ///   - rowOffsets: CSR; row r has entries rowOffsets[r]..<rowOffsets[r + 1].
    ///   - columns: row numbers of `input`, one an entry.
    ///   - weights: as many as columns.
    ///   - rows: which rows of S to multiply; a block of a caller's parallel loop.
    ///   - input: E, row-major [n, dimension].
    ///   - output: rows.count × dimension numbers; overwritten; an empty row becomes zeros.
    /// - Complexity: O(entries · dimension). Offsets and columns are checked in every call, which
    ///   costs about 1 % at dimension 64.
    package func spmm(
        rowOffsets: Span<Int>,
        columns: Span<Int32>,
        weights: Span<Float>,
        rows: Range<Int>,
        input: Span<Float>,
        dimension: Int,
        output: inout MutableSpan<Float>
    ) {
        checkSparse(
            rowOffsets,
            columns,
            weights,
            rows,
            inputCount: input.count,
            dimension,
            output.count
        )
        guard let cVariant, !output.isEmpty else {
            return ScalarKernels.spmm(
                rowOffsets: rowOffsets,
                columns: columns,
                weights: weights,
                rows: rows,
                input: input,
                dimension: dimension,
                output: &output
            )
        }
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe withPointers(rowOffsets, columns, weights) { offsets, columns, weights in
                unsafe input.withUnsafeBufferPointer { input in
                    unsafe ck_spmm(
                        cVariant,
                        offsets,
                        rows.lowerBound,
                        rows.upperBound,
                        columns,
                        weights,
                        input.baseAddress,
                        dimension,
                        output.baseAddress
                    )
                }
            }
        }
    }

    /// The same over half-precision input rows: half the memory to read; sums stay f32.
    package func spmm(
        rowOffsets: Span<Int>,
        columns: Span<Int32>,
        weights: Span<Float>,
        rows: Range<Int>,
        input: Span<Float16>,
        dimension: Int,
        output: inout MutableSpan<Float>
    ) {
        checkSparse(
            rowOffsets,
            columns,
            weights,
            rows,
            inputCount: input.count,
            dimension,
            output.count
        )
        guard let cVariant, !output.isEmpty else {
            return ScalarKernels.spmm(
                rowOffsets: rowOffsets,
                columns: columns,
                weights: weights,
                rows: rows,
                input: input,
                dimension: dimension,
                output: &output
            )
        }
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe withPointers(rowOffsets, columns, weights) { offsets, columns, weights in
                unsafe input.withUnsafeBytes { input in
                    unsafe ck_spmm_half(
                        cVariant,
                        offsets,
                        rows.lowerBound,
                        rows.upperBound,
                        columns,
                        weights,
                        input.baseAddress?.assumingMemoryBound(to: UInt16.self),
                        dimension,
                        output.baseAddress
                    )
                }
            }
        }
    }

    /// Writes the weighted sum of some rows, Σ_j weights[j] · input[columns[j], :]: the inductive
    /// GCN step for one user, whose history is one sparse row.
    ///
    /// - Parameter output: `dimension` = output.count numbers; overwritten.
    package func gather(
        columns: Span<Int32>,
        weights: Span<Float>,
        input: Span<Float>,
        output: inout MutableSpan<Float>
    ) {
        let offsets: InlineArray<2, Int> = [0, columns.count]
        spmm(
            rowOffsets: offsets.span,
            columns: columns,
            weights: weights,
            rows: 0..<1,
            input: input,
            dimension: output.count,
            output: &output
        )
    }

    private func checkSparse(
        _ rowOffsets: Span<Int>,
        _ columns: Span<Int32>,
        _ weights: Span<Float>,
        _ rows: Range<Int>,
        inputCount: Int,
        _ dimension: Int,
        _ outputCount: Int
    ) {
        precondition(dimension >= 0, "dimension \(dimension)")
        precondition(
            rows.lowerBound >= 0 && rows.upperBound < rowOffsets.count,
            "rows \(rows) of \(rowOffsets.count - 1)"
        )
        precondition(columns.count == weights.count, "\(columns.count) × \(weights.count)")
        precondition(outputCount == rows.count * dimension, "output of \(outputCount)")
        let inputRows = dimension == 0 ? Int(Int32.max) : inputCount / dimension
        precondition(inputRows * dimension == inputCount || dimension == 0, "input \(inputCount)")
        let isValid = unsafe withPointers(rowOffsets, columns, weights) { offsets, columns, _ in
            unsafe ck_csr_is_valid(
                offsets,
                rows.lowerBound,
                rows.upperBound,
                columns,
                Int64(weights.count),
                Int64(inputRows)
            )
        }
        precondition(isValid != 0, "offsets fall, or a column is outside 0..<\(inputRows)")
    }
}

/// The three arrays of a CSR matrix as C sees them.
private func withPointers<Result>(
    _ rowOffsets: Span<Int>,
    _ columns: Span<Int32>,
    _ weights: Span<Float>,
    _ body: (UnsafePointer<Int64>?, UnsafePointer<Int32>?, UnsafePointer<Float>?) -> Result
) -> Result {
    unsafe rowOffsets.withUnsafeBytes { offsets in
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe body(
                    offsets.baseAddress?.assumingMemoryBound(to: Int64.self),
                    columns.baseAddress,
                    weights.baseAddress
                )
            }
        }
    }
}
