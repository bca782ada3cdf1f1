package import Events

/// The ratings of MovieLens 100K: `u.data`, a line `user item rating seconds`, tab-separated.
package enum MovieLensRatings {
    /// `rate-1` to `rate-5`; a row's value is the rating.
    package static let actions = (1...5).map { "rate-\($0)" }

    /// Reads `u.data` of `folder`, or its .xz, .gz or .zst form.
    package static func read(
        _ folder: String
    ) throws(DataFileError) -> (ratings: EventTable, refused: DataSetLedger) {
        let reader = try CSVReader(
            path: try TextFile.find("u.data", in: folder),
            delimiter: 0x09,
            hasHeader: false
        )
        var refused = DataSetLedger()
        var builder = EventTableBuilder(actions: actions)
        try reader.forEachRow(fieldCount: 4, refused: &refused) { row in
            guard let user = row.integer(0), let item = row.integer(1) else {
                return "user or item is no number"
            }
            guard let rating = row.integer(2), (1...5).contains(rating) else {
                return "the rating is not in 1...5"
            }
            guard
                let time = TimeText.parse(row.field(3), as: .epochSeconds),
                Instant.accepted.contains(time.instant)
            else { return "the time is no count of seconds since 1970" }
            builder.add(
                user: String(user),
                item: String(item),
                action: actions[rating - 1],
                instant: time.instant,
                value: Float(rating)
            )
            return nil
        }
        return (builder.table(), refused)
    }
}
