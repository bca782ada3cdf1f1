package import Events

/// Events, and what is known beside their table.
package struct MiningInput: Sendable {
    package var table: EventTable
    /// The circumstances of each row, as its platform; nil where nothing is known of any.
    package var contexts: WordColumn?
    /// The segment of each user; nil: the cell at the coarsest level where a user acts most.
    package var segments: WordColumn?

    package init(_ table: EventTable, contexts: WordColumn? = nil, segments: WordColumn? = nil) {
        self.table = table
        self.contexts = contexts
        self.segments = segments
    }

    func check() throws(PatternError) {
        try Self.check(contexts, count: table.rows.count, "contexts", "row")
        try Self.check(segments, count: table.users.count, "segments", "user")
    }

    private static func check(
        _ column: WordColumn?,
        count: Int,
        _ place: String,
        _ unit: String
    ) throws(PatternError) {
        guard let column else { return }
        guard
            column.indices.count == count,
            column.indices.allSatisfy({ $0 >= -1 && $0 < column.words.count })
        else {
            throw PatternError(
                code: .badInput,
                place: place,
                problem: "\(column.indices.count) entries into \(column.words.count) words",
                remedy: "give one of the words, or −1, for each of the \(count) \(unit)s"
            )
        }
    }
}
