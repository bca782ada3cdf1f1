import CKernels

/// Several queries coded as the scan takes them.
struct Int8Queries {
    /// Rows of `stride` codes, zero beyond the dimension; as many rows as tiles of 32 hold.
    private(set) var codes: [Int8]
    let stride: Int
    /// Of each query.
    private(set) var errors: [ck_int8_query] = []
    /// t, the size of one step of a query's codes; 1 for a query of zeros.
    private(set) var scales: [Double] = []

    /// Rows of a pair of AMX tiles.
    private static let tileQueries = 32
    /// Bytes of a tile's row.
    private static let tileBytes = 64

    /// - Parameter queries: row-major [q, dimension], finite.
    init(_ queries: Span<Float>, dimension: Int) throws(Int8IndexError) {
        let count = queries.count / dimension
        stride = (dimension + Self.tileBytes - 1) / Self.tileBytes * Self.tileBytes
        let rowCount = (count + Self.tileQueries - 1) / Self.tileQueries * Self.tileQueries
        codes = [Int8](repeating: 0, count: rowCount * stride)
        for query in 0..<count {
            let row = queries.extracting(query * dimension..<(query + 1) * dimension)
            guard let largest = largestMagnitude(of: row) else {
                throw .notFinite(place: "query \(query)")
            }
            add(row, at: query * stride, scale: largest > 0 ? Double(largest) / 127 : 1)
        }
    }

    private mutating func add(_ row: Span<Float>, at start: Int, scale: Double) {
        let inverse = 1 / scale
        var (length, residual) = (0.0, 0.0)
        var sum: Int32 = 0
        for column in 0..<row.count {
            let scaled = Double(row[column]) * inverse
            let code = scaled.rounded(.toNearestOrEven)
            codes[start + column] = Int8(code)
            sum += Int32(code)
            length += scaled * scaled
            residual += (scaled - code) * (scaled - code)
        }
        let roundedUp = 1 + 0x1p-20
        scales.append(scale)
        errors.append(
            ck_int8_query(
                length: Float(length.squareRoot() * roundedUp),
                residual: Float(residual.squareRoot() * roundedUp),
                slack: Float(2 + Double(row.count) * 0x1p-13),
                bias: 128 * sum
            )
        )
    }
}
