import Cleaning
import Embeddings
import Events
import Propagation
import Testing

@Suite("word encoders")
struct WordEncoderTests {
    @Test("hashing agrees with the independent program, bit by bit")
    func hashing() throws {
        let golden = try CleaningSupport.Golden<HashingCase>.read("hashing.json")
        #expect(golden.cases.count == 4)
        for (number, example) in golden.cases.enumerated() {
            let encoder = HashingEncoder(width: example.width, salt: example.salt)
            let hashes = example.words.map { HashingEncoder.hash(salt: example.salt, $0) }
            #expect(
                hashes.map { UInt64($0) } == example.hashes.compactMap { UInt64($0, radix: 16) }
            )
            var row = [Double](repeating: 0, count: example.width)
            for entry in encoder.entries(of: example.words) { row[entry.column] += entry.sign }
            #expect(row == example.row, "case \(number)")
        }
    }

    private struct HashingCase: Decodable {
        var salt: String
        var width: Int
        var words: [String]
        var hashes: [String]
        var row: [Double]
    }

    @Test("hashed words keep their inner products on average: signs cancel collisions")
    func inner() {
        // 40 pairs of disjoint sets of 50 words in 16 columns: unsigned, each product is near 156.
        let encoder = HashingEncoder(width: 16, salt: "tags")
        func row(_ prefix: String) -> [Double] {
            var row = [Double](repeating: 0, count: 16)
            for entry in encoder.entries(of: (0..<50).map { "\(prefix) \($0)" }) {
                row[entry.column] += entry.sign
            }
            return row
        }
        let products = (0..<40).map { pair in
            zip(row("a\(pair)"), row("b\(pair)")).reduce(0) { $0 + $1.0 * $1.1 }
        }
        // Standard error √(50 · 50 / 16 / 40) = 2.
        #expect(abs(products.reduce(0, +) / 40) < 8)
    }

    @Test("one-hot keeps the most frequent words and has a column for all others")
    func oneHot() {
        let encoder = OneHotEncoder(["b", "a", "c", "c", "b", "d", "a"], maxCount: 2)
        #expect(encoder.words.ids == ["a", "b"])  // of the equally frequent, the first in UTF-8
        #expect(encoder.columns(of: ["b"]) == [1])
        #expect(encoder.columns(of: ["c", "a"]) == [2, 0])
        #expect(encoder.columns(of: []) == [2])
        #expect(OneHotEncoder([], maxCount: 3).columns(of: ["x"]) == [0])
    }
}

@Suite("features")
struct FeatureTests {
    private static let table = FeatureTable(
        rowCount: 5,
        columns: [
            .init("price", .numbers([1, nil, 3, 100, 2])),
            .init("kind", .words([["bar"], ["cafe"], [], ["bar"], ["zoo"]])),
            .init("score", .numbers([.nan, 1, 2, 3, nil])),
        ]
    )

    @Test("become the matrix worked on paper, every change in the ledger")
    func paper() throws {
        // Prices 1, 3, 100, 2: quartiles 1.75 and 27.25, fence 27.25 + 25.5; the mean is of the
        // clamped ones. Scores 1, 2, 3: median 2.
        let iqr = OutlierRule(.iqr, threshold: 1, .clamp)
        let fit = try FeatureFit(
            Self.table,
            rules: [
                ("price", .number(missing: .mean, outliers: iqr)), ("kind", .oneHot(maxCount: 2)),
                ("score", .number(notFinite: .missing)), ("kind", .ordinal),
            ],
            rows: [0, 1, 2, 3, 4]
        )
        let cleaned = try fit.apply(Self.table)
        #expect(
            cleaned.matrix.columnNames
                == ["price", "kind=bar", "kind=cafe", "kind=", "score", "kind"]
        )
        let mean = (1 + 3 + 52.75 + 2) / 4
        #expect(
            cleaned.matrix.values == [
                1, 1, 0, 0, 2, 0,
                mean, 0, 1, 0, 1, 1,
                3, 0, 0, 1, 2, -1,
                52.75, 1, 0, 0, 3, 0,
                2, 0, 0, 1, 2, 2,
            ]
        )
        let changes = cleaned.ledger.entries.mapValues(\.changedCount)
        #expect(changes == [.missing: 3, .outlier: 1, .notFinite: 1, .unknownWord: 1])
        #expect(cleaned.rows == [0, 1, 2, 3, 4] && cleaned.ledger.keptCount == 5)
    }

    @Test("rows without a number go where the rule drops them, and words unseen are told")
    func drop() throws {
        let fit = try FeatureFit(
            Self.table,
            rules: [
                ("price", .number(missing: .drop)), ("kind", .ordinal),
                ("score", .number(missing: .drop, notFinite: .missing)),
            ],
            rows: [0, 1, 2, 3]
        )
        let cleaned = try fit.apply(Self.table)
        #expect(cleaned.rows == [2, 3])
        #expect(cleaned.ledger.entries[.missing]?.droppedCount == 3)
        #expect(cleaned.ledger.entries[.missing]?.firstPositions == [0, 1, 4])
        #expect(cleaned.ledger.inputCount == 5 && cleaned.ledger.keptCount == 2)
        let later = FeatureTable(
            rowCount: 1,
            columns: [
                .init("price", .numbers([9])), .init("kind", .words([["zoo"]])),
                .init("score", .numbers([9])),
            ]
        )
        let unseen = try fit.apply(later)
        #expect(unseen.matrix.values == [9, -1, 9])
        #expect(unseen.ledger.entries[.unknownWord]?.changedCount == 1)
    }

    @Test("are refused by name where they cannot be cleaned")
    func refused() throws {
        func code(_ rules: [(column: String, rule: FeatureRule)]) -> FeatureError.Code? {
            do {
                _ = try FeatureFit(Self.table, rules: rules, rows: [1])
                return nil
            } catch { return error.code }
        }
        #expect(code([("score", .number())]) == .notFinite)
        #expect(code([("price", .number())]) == .noValues)  // row 1 has none
        #expect(code([("size", .number())]) == .noSuchColumn)
        #expect(code([("price", .ordinal)]) == .wrongKind)
        #expect(code([("kind", .number())]) == .wrongKind)
        let fit = try FeatureFit(Self.table, rules: [("price", .number())])
        let bad = FeatureTable(rowCount: 1, columns: [.init("price", .numbers([.infinity]))])
        #expect { try fit.apply(bad) } throws: { error in
            (error as? FeatureError)?.place == "feature price"
        }
    }

    @Test("a fit comes back from its tensors and cleans the same", arguments: 0..<10)
    func roundTrip(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let table = try Self.random(&generator)
        let fit = try FeatureFit(table, rules: Self.rules, rows: Array(0..<30))
        let read = try FeatureFit("clean", from: fit.tensors("clean"))
        #expect(read == fit, "seed \(seed)")
        let (first, second) = (try fit.apply(table), try read.apply(table))
        #expect(first.matrix == second.matrix && first.ledger == second.ledger, "seed \(seed)")
        #expect(first.matrix.values.allSatisfy { $0.isFinite }, "seed \(seed)")
        // A row is cleaned the same alone: nothing is learned from what is applied.
        let row = Int.random(in: 0..<40, using: &generator)
        let alone = try fit.apply(table.only(row))
        if let place = first.rows.firstIndex(of: row) {
            let width = first.matrix.columnCount
            let expected = first.matrix.values[place * width..<(place + 1) * width]
            #expect(alone.matrix.values == Array(expected), "seed \(seed) row \(row)")
        }
    }

    @Test("every tensor of a fit is needed, and a broken one is named")
    func broken() throws {
        var generator = SplitMix64(seed: 1)
        let table = try Self.random(&generator)
        let tensors = try FeatureFit(table, rules: Self.rules).tensors("clean")
        for left in tensors.indices {
            var rest = tensors
            rest.remove(at: left)
            #expect(throws: TensorError.self, "\(tensors[left].name)") {
                try FeatureFit("clean", from: rest)
            }
        }
        let scaleless = Tensor(
            "clean.numbers",
            shape: [Self.rules.count, 5],
            doubles: Array(repeating: 0, count: Self.rules.count * 5)
        )
        let others = tensors.filter { $0.name != "clean.numbers" }
        #expect(throws: TensorError.self) {
            try FeatureFit("clean", from: others + [scaleless])
        }
    }

    @Test("rules come back from their texts, and a bad one is named")
    func texts() throws {
        for (column, rule) in Self.rules {
            #expect(try FeatureRule(text: rule.text, column: column) == rule)
        }
        #expect(try FeatureRule(text: "number", column: "x") == .number())
        let bad = [
            "", "numbers", "one-hot", "one-hot 0", "hashing 70000", "ordinal 3", "number mean",
            "number missing=", "number outliers=iqr:-1:drop", "number not-finite=keep",
        ]
        for text in bad {
            #expect("\(text)") { try FeatureRule(text: text, column: "x") } throws: { error in
                (error as? FeatureError)?.code == .badRule
            }
        }
    }

    @Test("a catalogue's categories, tags and places are features")
    func catalogue() throws {
        let place = Place(latitudeDegrees: 1, longitudeDegrees: 2)
        let table = FeatureTable(items: [
            Item(id: "a", category: "Bar", place: place, tags: ["wifi", "late"]), Item(id: "b"),
        ])
        #expect(table.column("category")?.values == .words([["Bar"], []]))
        #expect(table.column("tags")?.values == .words([["wifi", "late"], []]))
        #expect(table.places == [place, nil])
    }

    static let rules: [(column: String, rule: FeatureRule)] = [
        ("mean", .number(missing: .mean, outliers: OutlierRule(.madZ, threshold: 2, .clamp))),
        ("time", .number(missing: .nearestInTime, outliers: .standardization)),
        (
            "space",
            .number(
                missing: .nearestInSpace,
                outliers: OutlierRule(.iqr, threshold: 0.5, .drop),
                notFinite: .missing
            )
        ),
        ("kind", .oneHot(maxCount: 3)), ("tags", .hashing(width: 8)), ("code", .ordinal),
    ]

    private static func random(_ generator: inout SplitMix64) throws -> FeatureTable {
        func numbers(_ bad: Double?) -> FeatureTable.Values {
            .numbers(
                (0..<40).map { row in
                    switch row % 7 {
                    case 2: nil
                    case 4: bad ?? generator.nextNormalPair().0
                    default: generator.nextNormalPair().0
                    }
                }
            )
        }
        func words(_ count: Int) -> FeatureTable.Values {
            .words(
                (0..<40).map { _ in
                    (0..<Int.random(in: 0...count, using: &generator)).map { _ in
                        "w\(Int.random(in: 0..<6, using: &generator))"
                    }
                }
            )
        }
        return FeatureTable(
            rowCount: 40,
            columns: [
                .init("mean", numbers(nil)), .init("time", numbers(nil)),
                .init("space", numbers(.infinity)), .init("kind", words(1)),
                .init("tags", words(4)), .init("code", words(1)),
            ],
            instants: (0..<40).map { $0 % 9 == 0 ? nil : CleaningSupport.instant($0 * 37 % 41) },
            places: (0..<40).map { row in
                row % 8 == 0
                    ? nil
                    : Place(
                        latitudeDegrees: generator.nextUniform() * 20,
                        longitudeDegrees: generator.nextUniform() * 20,
                        accuracyMeters: Double(row)
                    )
            }
        )
    }
}

extension FeatureTable {
    /// A table of one of the rows.
    fileprivate func only(_ row: Int) -> FeatureTable {
        FeatureTable(
            rowCount: 1,
            columns: columns.map { column in
                switch column.values {
                case .numbers(let numbers): .init(column.name, .numbers([numbers[row]]))
                case .words(let words): .init(column.name, .words([words[row]]))
                }
            },
            instants: [instants[row]],
            places: [places[row]]
        )
    }
}
