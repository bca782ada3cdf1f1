import Cleaning
import DataFiles
import Events
import Testing

@Suite("cleaning of real films")
struct MovieLensTests {
    private static let folder = CleaningSupport.sharedFolder("movielens-100k")

    /// Year of release and genres of 1,682 films.
    private func films(_ folder: String) throws -> FeatureTable {
        let path = try TextFile.find("u.item", in: folder)
        let lines = try TextFile.contents(of: path).split(separator: UInt8(ascii: "\n"))
        let rows = lines.map { line in
            line.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)  // titles are Latin-1, and not read
            }
        }
        return FeatureTable(
            rowCount: rows.count,
            columns: [
                .init("year", .numbers(rows.map { Double($0[2].suffix(4)) })),
                .init(
                    "genre",
                    .words(
                        rows.map { row in (0..<19).filter { row[5 + $0] == "1" }.map { "\($0)" } }
                    )
                ),
            ]
        )
    }

    @Test(
        "films become finite rows, whose components explain what they should",
        .enabled(if: folder != nil)
    )
    func films() throws {
        let table = try films(#require(Self.folder))
        #expect(table.rowCount == 1_682)
        #expect(DataProblems.find(in: table).isEmpty)
        let fit = try FeatureFit(
            table,
            rules: [
                ("year", .number(missing: .median, outliers: .standardization)),
                ("genre", .oneHot(maxCount: 30)),
            ]
        )
        let cleaned = try fit.apply(table)
        #expect(cleaned.matrix.columnCount == 1 + 19 + 1)
        #expect(cleaned.ledger.entries[.missing]?.changedCount == 1)  // film 267 is "unknown"
        #expect(cleaned.ledger.entries[.missing]?.firstPositions == [266])
        let components = try PrincipalComponents(cleaned.matrix, count: 20)
        let ratios = components.explainedVarianceRatio
        #expect(ratios[0] > 0.3 && ratios.reduce(0, +) > 0.999)
    }

    @Test(
        "100,000 ratings have nothing that keeps a training from starting",
        .enabled(if: folder != nil)
    )
    func ratings() throws {
        let path = try TextFile.find("u.data", in: #require(Self.folder))
        let lines = try TextFile.contents(of: path).split(separator: UInt8(ascii: "\n"))
        let events = try lines.map { line in
            let fields = line.split(separator: UInt8(ascii: "\t")).map {
                String(decoding: $0, as: UTF8.self)
            }
            return Event(
                user: fields[0],
                item: fields[1],
                action: "rate",
                instant: Instant(secondsSinceEpoch: try #require(Int64(fields[3]))),
                value: Double(fields[2])
            )
        }
        var fit = CleaningFit()
        fit.valueRule = NumberRule(
            missing: .median,
            outliers: OutlierRule(.iqr, threshold: 1.5, .drop)
        )
        let cleaned = Cleaner.clean(events, items: [], fit: fit)
        // Quartiles 3 and 4: the fence is at 1.5, and the 6,110 ratings of 1 lie outside.
        #expect(cleaned.ledger.entries[.outlier]?.droppedCount == 6_110)
        #expect(cleaned.table.rows.count == 93_890)
        let found = DataProblems.find(in: cleaned)
        #expect(found.isEmpty, "\(found.map(\.text))")
    }
}
