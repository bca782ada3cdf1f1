package import Events

/// Feature vectors of items out of a file: CSV with a header line, the item's id in the first column
/// and a number in each of the others; compressed or not.
package enum FeatureRows {
    /// Reads the whole file; every row has a vector called `name`.
    ///
    /// - Throws: for the first row that is broken, lacks an id or holds no finite number somewhere,
    ///   by line; and for more numbers a row than an item may have.
    package static func read(
        _ path: String,
        name: String
    ) throws(DataFileError) -> [(item: String, vector: FeatureVector)] {
        let reader = try CSVReader(path: path)
        let width = reader.header.count - 1
        guard (1...EventLimits.maxFeatureValues).contains(width) else {
            throw DataFileError(
                .missingColumns,
                path: path,
                lineNumber: 1,
                problem: "has \(width) columns after the item's",
                remedy: "give the item's id first, then 1 to \(EventLimits.maxFeatureValues) "
                    + "columns of numbers"
            )
        }
        var rows: [(item: String, vector: FeatureVector)] = []
        var row = CSVRow()
        while try reader.next(&row) {
            var values: [Float] = []
            values.reserveCapacity(width)
            for column in 1...width {
                guard let number = row.number(column).map({ Float($0) }), number.isFinite else {
                    throw bad(path, row, "column \(reader.header[column]) holds no finite number")
                }
                values.append(number)
            }
            let item = row[0]
            guard EventLimits.problems(text: item, field: "id", isRequired: true).isEmpty else {
                throw bad(path, row, "column \(reader.header[0]) holds no item's id")
            }
            rows.append((item, FeatureVector(name: name, values: values)))
        }
        return rows
    }

    private static func bad(_ path: String, _ row: CSVRow, _ problem: String) -> DataFileError {
        DataFileError(
            .badValue,
            path: path,
            lineNumber: row.lineNumber,
            problem: problem,
            remedy: "mend that line, or leave it out"
        )
    }
}
