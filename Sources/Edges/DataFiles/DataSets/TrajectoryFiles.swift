internal import Events

/// A next-place data set: check-ins in trajectories, in the files of GETNext for New York City.
package enum TrajectoryFiles {
    package enum Part: String, CaseIterable, Hashable, Sendable {
        case train, validation, test

        /// The file's name without its compression.
        package var fileName: String {
            switch self {
            case .train: "getnext_train_reconstructed.csv"
            case .validation: "getnext_val.csv"
            case .test: "getnext_test.csv"
            }
        }
    }

    /// One check-in of a trajectory.
    package struct Row: Hashable, Sendable {
        package var user: String
        package var place: String
        package var category: String
        package var latitudeDegrees: Double
        package var longitudeDegrees: Double
        package var utcOffsetMinutes: Int
        package var secondsSinceEpoch: Int64
        package var trajectory: String
        package var part: Part
        /// From 0, in the file of its part.
        package var fileOrder: Int
    }

    /// All rows of the three files of `folder`, train first, each part in the order of its file.
    ///
    /// - Throws: an error naming file and line for a missing column or a value that is none.
    package static func read(_ folder: String) throws(DataFileError) -> [Row] {
        var rows: [Row] = []
        for part in Part.allCases {
            try read(part, try TextFile.find(part.fileName, in: folder), into: &rows)
        }
        return rows
    }

    private static func read(
        _ part: Part,
        _ path: String,
        into rows: inout [Row]
    ) throws(DataFileError) {
        let reader = try CSVReader(path: path)
        let columns = try Columns(reader)
        var record = CSVRow()
        var fileOrder = 0
        // Ids repeat by the thousand: one string for each, not one a row.
        var names = StringPool()
        while try reader.next(&record) {
            guard let row = columns.row(record, part, fileOrder, &names) else {
                throw DataFileError(
                    .badValue,
                    path: path,
                    lineNumber: record.lineNumber,
                    problem: "latitude, longitude, timezone or UTC_time is not a value",
                    remedy: "fetch the file again"
                )
            }
            rows.append(row)
            fileOrder += 1
        }
    }

    private struct Columns {
        let user, place, category, latitude, longitude, offset, time, trajectory: Int

        init(_ reader: CSVReader) throws(DataFileError) {
            user = try reader.column("user_id")
            place = try reader.column("POI_id")
            category = try reader.column("POI_catname")
            latitude = try reader.column("latitude")
            longitude = try reader.column("longitude")
            offset = try reader.column("timezone")
            time = try reader.column("UTC_time")
            trajectory = try reader.column("trajectory_id")
        }

        func row(
            _ record: CSVRow,
            _ part: Part,
            _ fileOrder: Int,
            _ names: inout StringPool
        ) -> Row? {
            guard
                let latitude = record.number(latitude),
                let longitude = record.number(longitude),
                let offset = record.integer(offset),
                let time = TimeText.parse(record.field(time), as: .iso8601)
            else { return nil }
            return Row(
                user: names.string(record.field(user)),
                place: names.string(record.field(place)),
                category: names.string(record.field(category)),
                latitudeDegrees: latitude,
                longitudeDegrees: longitude,
                utcOffsetMinutes: offset,
                secondsSinceEpoch: time.instant.millisecondsSinceEpoch / 1000,
                trajectory: names.string(record.field(trajectory)),
                part: part,
                fileOrder: fileOrder
            )
        }
    }
}

/// One `String` for each distinct text.
struct StringPool {
    private var known: Set<String> = []

    mutating func string(_ bytes: ArraySlice<UInt8>) -> String {
        known.insert(String(decoding: bytes, as: UTF8.self)).memberAfterInsert
    }
}
