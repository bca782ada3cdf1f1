internal import Events

/// Reads someone's CSV or JSONL file, plain or compressed, as events and items.
///
/// Each row comes out once, as a good row or as a refused one; nothing stops the reading but a file
/// that cannot be read on.
///
///     let reader = try ImportReader(path: "checkins.csv.xz")
///     while let outcome = try reader.next() { ledger.record(outcome) }
package final class ImportReader {
    package let path: String
    package let mapping: ResolvedMapping
    private let source: RowSource
    private var builder: RowBuilder
    private var catalogue = CatalogueChanges()
    private var row = CSVRow()

    /// - Parameters:
    ///   - mapping: what the columns mean; usual column names need none.
    ///   - position: where an earlier import of the same file stopped.
    /// - Throws: `missingColumns` with the columns found and the mapping to write, `empty`,
    ///   `badMapping`, or what reading the file throws.
    package init(
        path: String,
        mapping: ColumnMapping = ColumnMapping(),
        from position: ImportPosition? = nil
    ) throws(DataFileError) {
        self.path = path
        source = try RowSource(path: path, mapping: mapping)
        self.mapping = try ResolvedMapping(mapping, columnsFound: source.columns, path: path)
        builder = RowBuilder(self.mapping)
        if let position { try source.move(to: position) }
    }

    /// One past the last row given out.
    package var position: ImportPosition { source.position }

    /// What became of the next row; nil at the end of the file.
    package func next() throws(DataFileError) -> ImportOutcome? {
        switch try source.next(&row) {
        case .end: return nil
        case .refused(let refused): return .refused(refused)
        case .row: return built()
        }
    }

    /// The outcomes of up to `count` rows; empty at the end of the file.
    package func next(_ count: Int) throws(DataFileError) -> [ImportOutcome] {
        var outcomes: [ImportOutcome] = []
        outcomes.reserveCapacity(count)
        while outcomes.count < count, let outcome = try next() { outcomes.append(outcome) }
        return outcomes
    }

    private func built() -> ImportOutcome {
        do throws(RowBuilder.Refusal) {
            let (event, item) = try builder.build(row)
            return .row(
                ImportRow(
                    event: event,
                    item: item.flatMap { catalogue.isNew($0) ? $0 : nil },
                    rowNumber: row.rowNumber,
                    lineNumber: row.lineNumber,
                    byteOffset: row.byteOffset
                )
            )
        } catch {
            let limit = RefusedRow.maxValueCharacters
            let value = String(decoding: error.value.prefix(4 * limit), as: UTF8.self)
            return .refused(
                RefusedRow(
                    lineNumber: row.lineNumber,
                    rowNumber: row.rowNumber,
                    byteOffset: row.byteOffset,
                    column: error.column,
                    rule: error.rule,
                    value: value.shortened(toCharacters: limit),
                    reason: error.reason,
                    remedy: error.remedy
                )
            )
        }
    }
}

/// Tells rows that say something new about an item from those that repeat it.
///
/// A place alone is no change: check-ins carry the phone's position, which differs each time.
struct CatalogueChanges {
    // Hashes stand for texts: two of 64 bits would have to collide for an item to be taken as known.

    /// Items past this many come out with every row, which repeats but loses nothing: 16 MB.
    static let maxKnown = 1_000_000
    private var known: [Int: Int] = [:]

    mutating func isNew(_ item: Item) -> Bool {
        let id = item.id.hashValue
        var hasher = Hasher()
        hasher.combine(item.name)
        hasher.combine(item.category)
        hasher.combine(item.tags)
        hasher.combine(item.place == nil)
        let content = hasher.finalize()
        if known[id] == content { return false }
        if known[id] != nil || known.count < Self.maxKnown { known[id] = content }
        return true
    }
}
