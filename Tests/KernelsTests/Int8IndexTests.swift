import Kernels
import Testing

@Suite("certified top-k")
struct Int8IndexTests {
    /// Rows and queries of one kind of trouble.
    enum Kind: CaseIterable {
        case normal, ties, zeroRows, hugeNorms, tinyNorms, denormals, mixedNorms, duplicates
        case nearTies, sparse, oneColumn, zeroQuery, opposed, largest
    }

    struct Case {
        var rows: [Float]
        var queries: [Float]
        var dimension: Int
        var rowCount: Int { rows.count / dimension }

        init(
            _ kind: Kind,
            rowCount: Int,
            queryCount: Int,
            dimension: Int,
            using generator: inout SeededGenerator
        ) {
            self.dimension = dimension
            var rows = generator.normals(rowCount * dimension)
            var queries = generator.normals(queryCount * dimension)
            let factors = (0..<rowCount).map { _ in Float.random(in: -30...30, using: &generator) }
            for index in rows.indices {
                let row = index / dimension
                switch kind {
                case .normal, .duplicates, .zeroQuery, .opposed: break
                case .ties: rows[index] = rows[index].rounded()
                case .zeroRows: if row % 3 != 0 { rows[index] = 0 }
                case .hugeNorms: rows[index] *= 1e37
                case .tinyNorms: rows[index] *= 1e-36
                case .denormals: rows[index] *= 100 * .leastNonzeroMagnitude
                case .mixedNorms: rows[index] *= Float.pow2(factors[row])
                case .nearTies: rows[index] = 1 + rows[index] * 1e-7
                case .sparse: if (index + row) % 7 != 0 { rows[index] = 0 }
                case .oneColumn: if index % dimension != 0 { rows[index] = 0 }
                case .largest: rows[index] = rows[index] < 0 ? -3.4e38 : 3.4e38
                }
                if kind == .duplicates, row >= 5 { rows[index] = rows[index % (5 * dimension)] }
                if kind == .opposed { rows[index] = -abs(rows[index]) }
            }
            for index in queries.indices {
                switch kind {
                case .ties: queries[index] = queries[index].rounded()
                case .zeroQuery: queries[index] = index % 2 == 0 ? 0 : -0.0
                case .opposed: queries[index] = abs(queries[index])
                case .denormals: queries[index] *= 10 * .leastNonzeroMagnitude
                case .largest: queries[index] = queries[index] < 0 ? -3.4e38 : 3.4e38
                case .mixedNorms where index / dimension % 2 == 1: queries[index] *= 1e30
                default: break
                }
            }
            (self.rows, self.queries) = (rows, queries)
        }

        /// Scores every row in double, in column order, and sorts: shares nothing with the index.
        func truth(
            _ query: Int,
            k: Int,
            mask: [UInt64]?,
            offsets: [Float]? = nil
        ) -> [ExactScore] {
            let all: [ExactScore] = (0..<rowCount).compactMap { row in
                if let mask, mask[row / 64] >> UInt64(row % 64) & 1 == 0 { return nil }
                var score = Double(offsets?[row] ?? 0)
                for column in 0..<dimension {
                    score +=
                        Double(rows[row * dimension + column])
                        * Double(queries[query * dimension + column])
                }
                return ExactScore(index: Int32(row), score: score)
            }
            return Array(all.sorted { $0.ranks(before: $1) }.prefix(k))
        }
    }

    /// Nil where both lists hold the same ids, but for pairs whose scores are the same within
    /// 10⁻¹² of the sizes that were added.
    private func difference(_ list: [ExactScore], _ truth: [ExactScore]) -> String? {
        guard list.count == truth.count else { return "\(list.count) of \(truth.count)" }
        for (place, (left, right)) in zip(list, truth).enumerated() {
            let size = max(abs(truth.first?.score ?? 0), abs(truth.last?.score ?? 0))
            if left.index != right.index, abs(left.score - right.score) > 1e-12 * size {
                return "place \(place): \(left) instead of \(right)"
            }
        }
        return nil
    }

    private func mask(_ rowCount: Int, _ style: Int, _ generator: inout SeededGenerator) -> [UInt64]
    {
        (0..<(rowCount + 63) / 64).map { _ in
            switch style {
            case 0: 0
            case 1: generator.next() & generator.next() & generator.next() & generator.next()
            case 2: Int.random(in: 0..<3, using: &generator) == 0 ? generator.next() : 0
            default: generator.next() | generator.next()
            }
        }
    }

    @Test(
        "equals the float64 scan: 10,500 cases, every variant",
        arguments: Kind.allCases
    )
    func equalsScan(kind: Kind) throws {
        for seed in 0..<750 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let rowCount = [0, 1, 15, 16, 17, 63, 64, 65, 200, 700][Int(seed) % 10]
            let dimension = [1, 2, 3, 4, 5, 8, 31, 32, 33, 63, 64, 65, 100, 128][
                Int(seed / 10) % 14
            ]
            let queryCount = [1, 1, 3, 4, 9, 33][Int(seed / 5) % 6]
            let k = [0, 1, 2, 10, 20, 64, 1_000][Int(seed / 3) % 7]
            let trial = Case(
                kind,
                rowCount: rowCount,
                queryCount: queryCount,
                dimension: dimension,
                using: &generator
            )
            let index = try Int8Index(rows: trial.rows.span, dimension: dimension)
            let isMasked = seed % 3 == 0
            let masks = (0..<queryCount).map { mask(rowCount, (Int(seed) + $0) % 4, &generator) }
            let flat = masks.flatMap { $0 }
            for variant in KernelVariant.available where variant != .scalar || seed % 20 == 0 {
                let lists = try index.search(
                    queries: trial.queries.span,
                    k: k,
                    rows: trial.rows.span,
                    eligible: isMasked ? flat.span : nil,
                    with: variant
                )
                for query in 0..<queryCount where query % 8 == 0 || seed % 25 == 0 {
                    let truth = trial.truth(query, k: k, mask: isMasked ? masks[query] : nil)
                    let found = difference(lists[query], truth)
                    #expect(found == nil, "\(kind) seed \(seed) \(variant) query \(query)")
                }
            }
        }
    }

    @Test(
        "offsets are added: 2,800 cases, every variant",
        arguments: Kind.allCases
    )
    func equalsScanWithOffsets(kind: Kind) throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed &+ 9_000)
            let rowCount = [1, 15, 64, 65, 200, 700][Int(seed) % 6]
            let dimension = [1, 3, 4, 16, 33, 64][Int(seed / 6) % 6]
            let k = [1, 2, 10, 64][Int(seed / 3) % 4]
            let trial = Case(
                kind,
                rowCount: rowCount,
                queryCount: 1,
                dimension: dimension,
                using: &generator
            )
            let index = try Int8Index(rows: trial.rows.span, dimension: dimension)
            let size = abs(trial.truth(0, k: 1, mask: nil)[0].score)
            let sizes = [0, 1e-3, 1, 30, 1e6, 1e30].map { Float(min(size * $0, 1e37)) }
            let offsets = generator.normals(rowCount).map { $0 * sizes[Int(seed / 4) % 6] }
            let bits = mask(rowCount, Int(seed) % 4, &generator)
            let truth = trial.truth(0, k: k, mask: seed % 2 == 0 ? bits : nil, offsets: offsets)
            for variant in KernelVariant.available {
                let list = try index.search(
                    trial.queries.span,
                    k: k,
                    rows: trial.rows.span,
                    offsets: offsets.span,
                    eligible: seed % 2 == 0 ? bits.span : nil,
                    with: variant
                )
                let found = difference(list, truth)
                #expect(found == nil, "\(kind) seed \(seed) \(variant)")
                let middle = index.wordCount / 2
                let parts = try [0..<middle, middle..<index.wordCount].map { words in
                    let own = words.lowerBound * 64..<min(rowCount, words.upperBound * 64)
                    return try index.search(
                        trial.queries.span,
                        k: k,
                        rows: trial.rows.span,
                        offsets: offsets.span.extracting(own),
                        eligible: seed % 2 == 0 ? bits.span : nil,
                        words: words,
                        with: variant
                    )
                }
                #expect(Int8Index.merge(parts, k: k) == list, "\(kind) seed \(seed) \(variant)")
            }
        }
    }

    @Test("all variants give the same bits, one query or several, whole or in parts")
    func sameBits() throws {
        var generator = SeededGenerator(seed: 5)
        let trial = Case(
            .normal,
            rowCount: 20_000,
            queryCount: 40,
            dimension: 64,
            using: &generator
        )
        let index = try Int8Index(rows: trial.rows.span, dimension: 64)
        let truth = try index.search(
            queries: trial.queries.span,
            k: 20,
            rows: trial.rows.span,
            with: .scalar
        )
        #expect(truth[7].map(\.index) == trial.truth(7, k: 20, mask: nil).map(\.index))
        for variant in KernelVariant.fast {
            let lists = try index.search(
                queries: trial.queries.span,
                k: 20,
                rows: trial.rows.span,
                with: variant
            )
            #expect(lists == truth, "\(variant)")
            for query in [0, 39] {
                let one = trial.queries.span.extracting(query * 64..<(query + 1) * 64)
                let parts = try [0..<1, 1..<200, 200..<index.wordCount].map {
                    try index.search(one, k: 20, rows: trial.rows.span, words: $0, with: variant)
                }
                #expect(Int8Index.merge(parts, k: 20) == truth[query], "\(variant) \(query)")
                let alone = try index.search(one, k: 20, rows: trial.rows.span, with: variant)
                #expect(alone == truth[query], "\(variant) \(query)")
            }
        }
    }

    @Test("few rows pass the bound", arguments: KernelVariant.fast)
    func boundIsTight(variant: KernelVariant) throws {
        // Rows that pass are read: what is not read may be NaN without changing the answer.
        var generator = SeededGenerator(seed: 6)
        var trial = Case(.normal, rowCount: 40_000, queryCount: 1, dimension: 64, using: &generator)
        // The first rows are the best, so that the threshold stands after the first tile.
        for index in 0..<20 * 64 { trial.rows[index] = trial.queries[index % 64] }
        let index = try Int8Index(rows: trial.rows.span, dimension: 64)
        let truth = trial.truth(0, k: 20, mask: nil)
        let least = truth.last?.score ?? 0
        let scores = trial.truth(0, k: 40_000, mask: nil)
        var spoiled = trial.rows
        // The bound is about a thirtieth of the largest scores.
        for entry in scores where entry.index >= 64 && entry.score < 0.9 * least {
            spoiled[Int(entry.index) * 64] = .nan
        }
        let list = try index.search(
            trial.queries.span,
            k: 20,
            rows: spoiled.span,
            with: variant
        )
        #expect(truth.map(\.index) == Array(0..<20))
        #expect(list.map(\.index) == truth.map(\.index))
    }

    @Test("refuses what has no rank: NaN and infinity in rows and queries")
    func refusesNaN() throws {
        let good = [Float](repeating: 1, count: 80)
        for bad in [Float.nan, .infinity, -.infinity] {
            var rows = good
            rows[37] = bad
            #expect {
                try Int8Index(rows: rows.span, dimension: 8)
            } throws: { error in
                (error as? Int8IndexError)?.place == "row 4"
            }
            let index = try Int8Index(rows: good.span, dimension: 8)
            var query = [Float](repeating: 1, count: 16)
            query[9] = bad
            #expect {
                try index.search(queries: query.span, k: 3, rows: good.span)
            } throws: { error in
                (error as? Int8IndexError)?.place == "query 1"
            }
            var offsets = [Float](repeating: 0, count: 10)
            offsets[3] = bad
            #expect(throws: Int8IndexError.self) {
                try index.search(
                    good.span.extracting(0..<8),
                    k: 3,
                    rows: good.span,
                    offsets: offsets.span
                )
            }
        }
    }

    @Test("states its bytes: the dimension and 0.75 a row")
    func bytes() throws {
        let rows = [Float](repeating: 1, count: 6_400 * 10)
        let index = try Int8Index(rows: rows.span, dimension: 10)
        #expect(index.byteCount == 6_400 * 12 + 6_400 / 16 * 12)
    }
}

extension SeededGenerator {
    /// Mean 0, nearly normal: the sum of four uniform numbers in 0..<3, less 6.
    mutating func normals(_ count: Int) -> [Float] {
        (0..<count).map { _ in
            var bits = next()
            var sum: Float = -6
            for _ in 0..<4 {
                sum += Float(bits & 0xffff) / 65_536 * 3
                bits >>= 16
            }
            return sum
        }
    }
}

extension Float {
    static func pow2(_ exponent: Float) -> Float {
        Float(sign: .plus, exponent: Int(exponent), significand: 1)
    }
}
