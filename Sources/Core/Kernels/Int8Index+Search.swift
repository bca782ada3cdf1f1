import CKernels

/// An item's index and its score in double.
package struct ExactScore: Ranked, Hashable, Sendable {
    package var index: Int32
    package var score: Double

    package init(index: Int32, score: Double) {
        self.index = index
        self.score = score
    }

    /// Higher score first, then the smaller index.
    package func ranks(before other: ExactScore) -> Bool {
        score == other.score ? index < other.index : score > other.score
    }
}

extension Int8Index {
    /// The k rows with the largest inner products, best first, ties by smaller index.
    ///
    /// Exact: the list that scoring every row in double would give, from every variant.
    ///
    /// - Parameters:
    ///   - query: `dimension` finite numbers.
    ///   - k: 0 or more; built for at most 1,000.
    ///   - rows: those that the index was made of.
    ///   - offsets: what is added to the product of each row of `words`, finite; nil = nothing. The sum
    ///     of a part that is known for all items and an inner product is searched so.
    ///   - eligible: bit i % 64 of word i / 64 says whether row i may be listed; one word for each
    ///     64 rows. nil = all. Words without a bit are not read.
    ///   - words: the rows to search, in words of 64; nil = all. Lists of parts that cover the rows
    ///     merge to the list of all of them.
    /// - Complexity: one read of the codes, and a random read of a row for each that passes.
    package func search(
        _ query: Span<Float>,
        k: Int,
        rows: Span<Float>,
        offsets: Span<Float>? = nil,
        eligible: Span<UInt64>? = nil,
        words: Range<Int>? = nil,
        with variant: KernelVariant = .best
    ) throws(Int8IndexError) -> [ExactScore] {
        precondition(query.count == dimension, "query of \(query.count), rows of \(dimension)")
        if let offsets {
            let words = words ?? 0..<wordCount
            let count = min(rowCount, words.upperBound * 64) - words.lowerBound * 64
            precondition(offsets.count == max(0, count), "\(offsets.count) offsets")
            guard largestMagnitude(of: offsets) != nil else { throw .notFinite(place: "offsets") }
        }
        return try lists(query, k, rows, offsets, eligible, words, variant)[0]
    }

    /// The same for several queries, which share one pass over the codes.
    ///
    /// - Parameters:
    ///   - queries: row-major [q, dimension].
    ///   - eligible: the masks of all queries, one after the other; nil = all rows for each.
    /// - Returns: a list for each query.
    package func search(
        queries: Span<Float>,
        k: Int,
        rows: Span<Float>,
        eligible: Span<UInt64>? = nil,
        words: Range<Int>? = nil,
        with variant: KernelVariant = .best
    ) throws(Int8IndexError) -> [[ExactScore]] {
        try lists(queries, k, rows, nil, eligible, words, variant)
    }

    private func lists(
        _ queries: Span<Float>,
        _ k: Int,
        _ rows: Span<Float>,
        _ offsets: Span<Float>?,
        _ eligible: Span<UInt64>?,
        _ words: Range<Int>?,
        _ variant: KernelVariant
    ) throws(Int8IndexError) -> [[ExactScore]] {
        let words = words ?? 0..<wordCount
        precondition(k >= 0, "top \(k)")
        precondition(queries.count % dimension == 0, "\(queries.count) numbers are no queries")
        precondition(rows.count == rowCount * dimension, "\(rows.count) numbers of other rows")
        precondition(words.lowerBound >= 0 && words.upperBound <= wordCount, "words \(words)")
        let queryCount = queries.count / dimension
        if let eligible {
            precondition(
                eligible.count == queryCount * wordCount,
                "\(eligible.count) mask words for \(queryCount) × \(rowCount) rows"
            )
        }
        let coded = try Int8Queries(queries, dimension: dimension)
        guard k > 0, !words.isEmpty else { return Array(repeating: [], count: queryCount) }
        let limit = min(k, words.count * 64)
        guard let cVariant = variant.cVariant else {
            return ScalarKernels.search(queries, limit, rows, offsets, eligible, words, dimension)
        }
        var scan = Int8Scan(self, coded, limit: limit, hasOffsets: offsets != nil)
        scan.run(
            words,
            queries: queries,
            rows: rows,
            offsets: offsets,
            eligible: eligible,
            with: cVariant
        )
        return scan.best.map { $0.sorted() }
    }

    /// How many words of 64 rows there are; the last may be part empty.
    package var wordCount: Int { storage.wordCount }

    /// One list of the best of several: of parts of the rows that do not overlap.
    package static func merge(_ lists: [[ExactScore]], k: Int) -> [ExactScore] {
        var best = Best<ExactScore>(limit: max(1, k))
        for list in lists { for entry in list { best.offer(entry) } }
        return k > 0 ? best.sorted() : []
    }
}

/// A pass over the codes for some queries.
struct Int8Scan {
    private let index: Int8Index
    private let coded: Int8Queries
    private let tileWords: Int
    private let hasOffsets: Bool
    private(set) var best: [Best<ExactScore>]
    private var limits: [Int32]
    private var hits: [UInt64]
    private var candidates: [Int32]
    private var scores: [Double]
    /// Of the offsets.
    private var firstRow = 0

    /// Codes of a tile stay in the second cache while all queries go over them.
    private static let tileBytes = 256 << 10

    init(_ index: Int8Index, _ coded: Int8Queries, limit: Int, hasOffsets: Bool) {
        self.index = index
        self.coded = coded
        self.hasOffsets = hasOffsets
        tileWords = max(1, Self.tileBytes / (64 * index.dimension))
        let queryCount = coded.errors.count
        best = Array(repeating: Best(limit: limit), count: queryCount)
        let limitsInWord = hasOffsets ? 64 : Int8Storage.blocksInWord
        limits = Array(repeating: 0, count: queryCount * tileWords * limitsInWord)
        hits = Array(repeating: 0, count: queryCount * tileWords)
        candidates = Array(repeating: 0, count: tileWords * 64)
        scores = Array(repeating: 0, count: tileWords * 64)
    }

    /// Tiles grow from one word, so that few rows pass before there is a threshold.
    mutating func run(
        _ words: Range<Int>,
        queries: Span<Float>,
        rows: Span<Float>,
        offsets: Span<Float>?,
        eligible: Span<UInt64>?,
        with variant: ck_variant
    ) {
        firstRow = words.lowerBound * 64
        var first = words.lowerBound
        var count = 1
        while first < words.upperBound {
            let tile = first..<min(words.upperBound, first + count)
            if let offsets {
                setLimits(for: tile, offsets, with: variant)
            } else {
                setLimits(for: tile, with: variant)
            }
            find(in: tile, eligible, hasRowLimits: offsets != nil, with: variant)
            for query in best.indices {
                let found = collect(query, in: tile, eligible)
                guard found > 0 else { continue }
                let start = query * index.dimension
                let numbers = queries.extracting(start..<start + index.dimension)
                offer(found, to: query, numbers, rows, offsets)
            }
            first = tile.upperBound
            count = min(count * 2, tileWords)
        }
    }

    /// Sets `limits` for the blocks of a tile from the lists so far.
    private mutating func setLimits(for tile: Range<Int>, with variant: ck_variant) {
        let blocks = tile.count * Int8Storage.blocksInWord
        for query in best.indices {
            let threshold = threshold(of: query)
            unsafe index.storage.withBlocks(queryStride: coded.stride) { items in
                unsafe limits.withUnsafeMutableBufferPointer { limits in
                    unsafe ck_int8_limits(
                        variant,
                        items,
                        tile.lowerBound * Int8Storage.blocksInWord,
                        blocks,
                        coded.errors[query],
                        threshold,
                        limits.baseAddress?.advanced(by: query * blocks)
                    )
                }
            }
        }
    }

    /// Sets `limits` for the rows of a tile, for one query.
    private mutating func setLimits(
        for tile: Range<Int>,
        _ offsets: Span<Float>,
        with variant: ck_variant
    ) {
        let start = tile.lowerBound * 64 - firstRow
        let own = offsets.extracting(start..<min(start + tile.count * 64, offsets.count))
        guard own.count < tile.count * 64 else { return setRowLimits(tile, own, variant) }
        // Blocks are read whole; rows past the last are no one's.
        let padding = Array(repeating: Float(0), count: tile.count * 64 - own.count)
        setRowLimits(tile, (own.copied() + padding).span, variant)
    }

    private mutating func setRowLimits(
        _ tile: Range<Int>,
        _ offsets: Span<Float>,
        _ variant: ck_variant
    ) {
        let threshold = threshold(of: 0)
        let scale = coded.scales[0] * index.unit
        unsafe index.storage.withBlocks(queryStride: coded.stride) { items in
            unsafe limits.withUnsafeMutableBufferPointer { limits in
                unsafe offsets.withUnsafeBufferPointer { offsets in
                    unsafe ck_int8_row_limits(
                        variant,
                        items,
                        tile.lowerBound * Int8Storage.blocksInWord,
                        tile.count * Int8Storage.blocksInWord,
                        coded.errors[0],
                        threshold,
                        Float(1 / scale),
                        offsets.baseAddress,
                        limits.baseAddress
                    )
                }
            }
        }
    }

    /// Sets `hits` for every row of a tile whose sum reaches its limit.
    private mutating func find(
        in tile: Range<Int>,
        _ eligible: Span<UInt64>?,
        hasRowLimits: Bool,
        with variant: ck_variant
    ) {
        // Several queries share the reading, so that no word is skipped for one.
        let only = best.count == 1 ? eligible : nil
        unsafe index.storage.withBlocks(queryStride: coded.stride) { items in
            unsafe withPointer(to: only, from: tile.lowerBound) { mask in
                unsafe hits.withUnsafeMutableBufferPointer { hits in
                    unsafe ck_int8_hits(
                        variant,
                        items,
                        tile.lowerBound,
                        tile.count,
                        coded.codes,
                        best.count,
                        hasRowLimits ? 1 : 0,
                        limits,
                        mask,
                        hits.baseAddress
                    )
                }
            }
        }
    }

    /// What a score must reach, in units of the query's scale and the rows' unit.
    private func threshold(of query: Int) -> Float {
        guard best[query].isFull, let worst = best[query].worst else { return -.infinity }
        // Without offsets a query of zeros gives every row the score 0: a full list stays.
        if !hasOffsets, coded.errors[query].length == 0 { return .infinity }
        return Float(worst.score / (coded.scales[query] * index.unit))
    }

    /// Writes the eligible hits to `candidates`; returns how many.
    private mutating func collect(
        _ query: Int,
        in tile: Range<Int>,
        _ eligible: Span<UInt64>?
    ) -> Int {
        var found = 0
        for word in tile {
            var bits = hits[query * tile.count + word - tile.lowerBound]
            guard bits != 0 else { continue }
            if let eligible { bits &= eligible[query * index.wordCount + word] }
            let left = index.rowCount - word * 64
            if left < 64 { bits &= 1 << UInt64(left) - 1 }
            while bits != 0 {
                candidates[found] = Int32(word * 64 + bits.trailingZeroBitCount)
                bits &= bits - 1
                found += 1
            }
        }
        return found
    }

    private mutating func offer(
        _ count: Int,
        to query: Int,
        _ numbers: Span<Float>,
        _ rows: Span<Float>,
        _ offsets: Span<Float>?
    ) {
        unsafe scores.withUnsafeMutableBufferPointer { scores in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe numbers.withUnsafeBufferPointer { numbers in
                    unsafe ck_exact_scores(
                        rows.baseAddress,
                        numbers.count,
                        numbers.baseAddress,
                        candidates,
                        count,
                        scores.baseAddress
                    )
                }
            }
        }
        for candidate in 0..<count {
            let row = candidates[candidate]
            var score = scores[candidate]
            if let offsets { score += Double(offsets[Int(row) - firstRow]) }
            best[query].offer(ExactScore(index: row, score: score))
        }
    }
}

private func withPointer<Result>(
    to words: Span<UInt64>?,
    from first: Int,
    _ body: (UnsafePointer<UInt64>?) -> Result
) -> Result {
    guard let words else { return body(nil) }
    return unsafe words.withUnsafeBufferPointer {
        unsafe body($0.baseAddress?.advanced(by: first))
    }
}

extension ScalarKernels {
    /// Every eligible row scored in double: the truth of `Int8Index.search`.
    static func search(
        _ queries: Span<Float>,
        _ limit: Int,
        _ rows: Span<Float>,
        _ offsets: Span<Float>?,
        _ eligible: Span<UInt64>?,
        _ words: Range<Int>,
        _ dimension: Int
    ) -> [[ExactScore]] {
        let rowCount = rows.count / dimension
        let maskWords = (rowCount + 63) / 64
        return (0..<queries.count / dimension).map { query in
            var best = Best<ExactScore>(limit: limit)
            for row in words.lowerBound * 64..<min(rowCount, words.upperBound * 64) {
                if let eligible {
                    let word = eligible[query * maskWords + row / 64]
                    if word >> UInt64(row % 64) & 1 == 0 { continue }
                }
                var score = exactScore(
                    rows.extracting(row * dimension..<(row + 1) * dimension),
                    queries.extracting(query * dimension..<(query + 1) * dimension)
                )
                if let offsets { score += Double(offsets[row - words.lowerBound * 64]) }
                best.offer(ExactScore(index: Int32(row), score: score))
            }
            return best.sorted()
        }
    }

    /// Eight sums by column, then the sums in a tree: the order of `ck_exact_scores`.
    private static func exactScore(_ row: Span<Float>, _ query: Span<Float>) -> Double {
        var sums = (0..<8).map { _ in 0.0 }
        for column in 0..<row.count {
            sums[column % 8] += Double(row[column]) * Double(query[column])
        }
        return ((sums[0] + sums[4]) + (sums[2] + sums[6]))
            + ((sums[1] + sums[5]) + (sums[3] + sums[7]))
    }
}
