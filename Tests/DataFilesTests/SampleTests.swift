import Cleaning
import DataFiles
import Events
import Foundation
import Testing

@Suite("the sample of check-ins")
struct SampleTests {
    private static let folder = FileManager.default.currentDirectoryPath + "/examples"

    private func read(_ mapping: ColumnMapping) throws -> [ImportRow] {
        let reader = try ImportReader(path: Self.folder + "/nyc-checkins.csv.xz", mapping: mapping)
        var rows: [ImportRow] = []
        while let outcome = try reader.next() {
            switch outcome {
            case .row(let row): rows.append(row)
            case .refused(let refused): Issue.record("refused: \(refused)")
            }
        }
        return rows
    }

    @Test("imports whole, by its mapping and by its column names alike, and cleans to a table")
    func sample() throws {
        let mapping = try ColumnMapping.read(Self.folder + "/nyc-checkins.mapping.json")
        let rows = try read(mapping)
        #expect(rows.count == 49_767)
        #expect(try read(ColumnMapping()) == rows)
        let items = rows.compactMap(\.item)
        #expect(Set(items.map(\.id)).count == 2_824)
        #expect(Set(items.map(\.name)).count == 2_824)
        let cleaned = Cleaner.clean(rows.map(\.event), items: items)
        #expect(cleaned.table.users.count == 100)
        #expect(cleaned.table.catalogue.items.count == 2_824)
        #expect(cleaned.table.catalogue.place.allSatisfy { $0 != nil })
        #expect(cleaned.ledger.counts["duplicate.dropped"] == 41)
        #expect(cleaned.table.rows.count == 49_767 - 41)
    }

    @Test("is small enough for a clone")
    func size() throws {
        let path = Self.folder + "/nyc-checkins.csv.xz"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let byteCount = try #require(attributes[.size] as? Int)
        #expect(byteCount <= 600_000)
    }
}
