import CKernels

/// A sparse–dense product of a known size, to time one variant against another.
///
/// The graph is given, or random with popular items, made from a generator: the same seed, the same
/// graph. Clocks are the caller's.
package struct SpMMBenchmark: Sendable {
    package let nodeCount: Int
    package let dimension: Int
    package let rowOffsets: [Int]
    package let columns: [Int32]
    package let weights: [Float]
    /// The rows, in large pages as those of a `DenseMatrix`.
    private let input: SharedFloats
    /// The same as halves, two in the place of a float.
    private let halfInput: SharedFloats

    /// The size of the gowalla set: 29,858 users, 40,981 items, 1.62 million non-zeros.
    package static func gowalla(
        dimension: Int = 64,
        using generator: inout some RandomNumberGenerator
    ) -> SpMMBenchmark {
        SpMMBenchmark(
            userCount: 29_858,
            itemCount: 40_981,
            edgeCount: 810_128,
            dimension: dimension,
            using: &generator
        )
    }

    /// A symmetric user–item graph of random edges.
    package init(
        userCount: Int,
        itemCount: Int,
        edgeCount: Int,
        dimension: Int,
        using generator: inout some RandomNumberGenerator
    ) {
        var edges: [(user: Int, item: Int)] = []
        edges.reserveCapacity(edgeCount)
        for _ in 0..<edgeCount {
            let user = Int.random(in: 0..<userCount, using: &generator)
            let uniform = Double.random(in: 0..<1, using: &generator)
            // Squaring makes item i about as popular as 1/sqrt(i + 1).
            edges.append((user, Int(uniform * uniform * Double(itemCount))))
        }
        self.init(
            edges: edges,
            userCount: userCount,
            itemCount: itemCount,
            dimension: dimension,
            using: &generator
        )
    }

    /// The symmetric graph of these edges, users before items, weights D^(-1/2) A D^(-1/2), and
    /// random rows to multiply it by.
    package init(
        edges: [(user: Int, item: Int)],
        userCount: Int,
        itemCount: Int,
        dimension: Int,
        using generator: inout some RandomNumberGenerator
    ) {
        precondition(userCount >= 1 && itemCount >= 1 && dimension >= 1)
        let nodeCount = userCount + itemCount
        var degrees = [Int](repeating: 0, count: nodeCount)
        for edge in edges {
            degrees[edge.user] += 1
            degrees[userCount + edge.item] += 1
        }
        var offsets = [0]
        offsets.reserveCapacity(nodeCount + 1)
        for degree in degrees { offsets.append((offsets.last ?? 0) + degree) }
        var next = offsets
        var columns = [Int32](repeating: 0, count: edges.count * 2)
        for edge in edges {
            let item = userCount + edge.item
            columns[next[edge.user]] = Int32(item)
            columns[next[item]] = Int32(edge.user)
            next[edge.user] += 1
            next[item] += 1
        }
        for node in 0..<nodeCount { columns[offsets[node]..<offsets[node + 1]].sort() }
        var weights = [Float](repeating: 0, count: columns.count)
        for node in 0..<nodeCount {
            for entry in offsets[node]..<offsets[node + 1] {
                let product = Float(degrees[node] * degrees[Int(columns[entry])])
                weights[entry] = 1 / product.squareRoot()
            }
        }
        self.nodeCount = nodeCount
        self.dimension = dimension
        rowOffsets = offsets
        self.columns = columns
        self.weights = weights
        precondition(dimension.isMultiple(of: 2), "dimension \(dimension)")
        let numbers = (0..<nodeCount * dimension).map { _ in
            Float.random(in: -1..<1, using: &generator)
        }
        input = SharedFloats(numbers)
        halfInput = SharedFloats(count: numbers.count / 2)
        halfInput.withMutableSpan(0..<numbers.count / 2) { pairs in
            for index in 0..<pairs.count {
                let low = UInt32(Float16(numbers[2 * index]).bitPattern)
                let high = UInt32(Float16(numbers[2 * index + 1]).bitPattern)
                pairs[index] = Float(bitPattern: low | high << 16)
            }
        }
    }

    package var nonZeroCount: Int { columns.count }

    /// Rows of blocks that hold about the same number of entries, so that no thread waits for one
    /// that got the popular items.
    package func balancedRows(entriesInBlock: Int = 8_192) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var start = 0
        for row in 0..<nodeCount where rowOffsets[row + 1] - rowOffsets[start] >= entriesInBlock {
            blocks.append(start..<row + 1)
            start = row + 1
        }
        if start < nodeCount { blocks.append(start..<nodeCount) }
        return blocks
    }

    /// Reads every row that a product of these rows reads, and does nothing with it.
    package func gather(_ rows: Range<Int>, ofHalves: Bool) -> UInt64 {
        let (first, end) = (rowOffsets[rows.lowerBound], rowOffsets[rows.upperBound])
        let rowBytes = dimension * (ofHalves ? 2 : 4)
        precondition(rowBytes % 16 == 0, "rows of \(rowBytes) bytes")
        return (ofHalves ? halfInput : input).withSpan { rows in
            unsafe rows.withUnsafeBytes { rows in
                unsafe ck_gathered_words(columns, first, end, rows.baseAddress, rowBytes)
            }
        }
    }

    /// Bytes that one product must move at least once an entry: rows gathered, indices, output.
    package func byteCount(ofHalves: Bool = false) -> Int {
        nonZeroCount * (dimension * (ofHalves ? 2 : 4) + 8) + nodeCount * dimension * 4
    }

    /// Runs the product once to warm up, then `rounds` times.
    ///
    /// - Parameter now: a monotonic clock, nanoseconds.
    /// - Returns: nanoseconds of each round, and the last output, for the caller to check.
    package func measure(
        _ variant: KernelVariant,
        ofHalves: Bool = false,
        rounds: Int,
        now: () -> UInt64
    ) -> (nanoseconds: [UInt64], output: [Float]) {
        var output = [Float](repeating: 0, count: nodeCount * dimension)
        var durations: [UInt64] = []
        for round in 0...rounds {
            let start = now()
            var span = output.mutableSpan
            multiply(variant, ofHalves, 0..<nodeCount, into: &span)
            if round > 0 { durations.append(now() - start) }
        }
        return (durations, output)
    }

    /// Some rows of the product, for callers that spread it over threads.
    package func multiply(
        _ variant: KernelVariant,
        _ ofHalves: Bool = false,
        _ rows: Range<Int>,
        into output: inout MutableSpan<Float>
    ) {
        func write(_ output: inout MutableSpan<Float>, rows input: Span<Float>) {
            variant.spmm(
                rowOffsets: rowOffsets.span,
                columns: columns.span,
                weights: weights.span,
                rows: rows,
                input: input,
                dimension: dimension,
                output: &output
            )
        }
        func write(_ output: inout MutableSpan<Float>, rows input: Span<Float16>) {
            variant.spmm(
                rowOffsets: rowOffsets.span,
                columns: columns.span,
                weights: weights.span,
                rows: rows,
                input: input,
                dimension: dimension,
                output: &output
            )
        }
        if ofHalves {
            halfInput.withSpan { pairs in
                unsafe pairs.bytes.withElements(as: Float16.self) { write(&output, rows: $0) }
            }
        } else {
            input.withSpan { write(&output, rows: $0) }
        }
    }
}
