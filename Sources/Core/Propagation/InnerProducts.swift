internal import CBLAS

/// Inner products of several queries with every row of a table.
package enum InnerProducts {
    /// - Parameters:
    ///   - queries: shape [queryCount, dimension], row-major.
    ///   - rows: shape [rowCount, dimension], row-major.
    /// - Returns: shape [queryCount, rowCount], row-major.
    /// - Complexity: O(queryCount · rowCount · dimension), on the calling thread.
    package static func of(
        _ queries: [Float],
        queryCount: Int,
        with rows: Span<Float>,
        dimension: Int
    ) -> [Float] {
        precondition(
            queries.count == queryCount * dimension,
            "\(queries.count) numbers for \(queryCount) queries of \(dimension)"
        )
        guard dimension > 0, queryCount > 0, !rows.isEmpty else { return [] }
        let rowCount = rows.count / dimension
        return unsafe [Float](unsafeUninitializedCapacity: queryCount * rowCount) { output, count in
            unsafe rows.withUnsafeBufferPointer { table in
                DenseLibrary.call {
                    unsafe cblas_sgemm(
                        CblasRowMajor,
                        CblasNoTrans,
                        CblasTrans,
                        Int32(queryCount),
                        Int32(rowCount),
                        Int32(dimension),
                        1,
                        queries,
                        Int32(dimension),
                        table.baseAddress,
                        Int32(dimension),
                        0,
                        output.baseAddress,
                        Int32(rowCount)
                    )
                }
            }
            count = queryCount * rowCount
        }
    }
}
