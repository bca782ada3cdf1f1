/// A sparse–dense product of a known size, to time one variant against another.
///
/// The graph is random with popular items, made from a generator: the same seed, the same graph.
/// Clocks are the caller's.
package struct SpMMBenchmark: Sendable {
    package let nodeCount: Int
    package let dimension: Int
    package let rowOffsets: [Int]
    package let columns: [Int32]
    package let weights: [Float]
    package let input: [Float]
    package let halfInput: [Float16]

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

    /// A symmetric user–item graph, weights D^(-1/2) A D^(-1/2).
    package init(
        userCount: Int,
        itemCount: Int,
        edgeCount: Int,
        dimension: Int,
        using generator: inout some RandomNumberGenerator
    ) {
        precondition(userCount >= 1 && itemCount >= 1 && dimension >= 1)
        let nodeCount = userCount + itemCount
        var edges: [(user: Int, item: Int)] = []
        edges.reserveCapacity(edgeCount)
        for _ in 0..<edgeCount {
            let user = Int.random(in: 0..<userCount, using: &generator)
            let uniform = Double.random(in: 0..<1, using: &generator)
            // Squaring makes item i about as popular as 1/sqrt(i + 1).
            let item = Int(uniform * uniform * Double(itemCount))
            edges.append((user, userCount + item))
        }
        var degrees = [Int](repeating: 0, count: nodeCount)
        for edge in edges {
            degrees[edge.user] += 1
            degrees[edge.item] += 1
        }
        var offsets = [0]
        offsets.reserveCapacity(nodeCount + 1)
        for degree in degrees { offsets.append((offsets.last ?? 0) + degree) }
        var next = offsets
        var columns = [Int32](repeating: 0, count: edgeCount * 2)
        for edge in edges {
            columns[next[edge.user]] = Int32(edge.item)
            columns[next[edge.item]] = Int32(edge.user)
            next[edge.user] += 1
            next[edge.item] += 1
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
        input = (0..<nodeCount * dimension).map { _ in
            Float.random(in: -1..<1, using: &generator)
        }
        halfInput = input.map { Float16($0) }
    }

    package var nonZeroCount: Int { columns.count }

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
        if ofHalves {
            variant.spmm(
                rowOffsets: rowOffsets.span,
                columns: columns.span,
                weights: weights.span,
                rows: rows,
                input: halfInput.span,
                dimension: dimension,
                output: &output
            )
        } else {
            variant.spmm(
                rowOffsets: rowOffsets.span,
                columns: columns.span,
                weights: weights.span,
                rows: rows,
                input: input.span,
                dimension: dimension,
                output: &output
            )
        }
    }
}
