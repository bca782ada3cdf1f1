internal import Events

/// Check-ins for the protocol `next-place-pairs`: train.csv and test.csv with the columns user, poi,
/// timestamp (UTC: ISO 8601, or seconds or milliseconds since 1970), lat, lon; or foursquare-calgary
/// as it comes, cut for each user at two thirds.
///
/// A user's rows are one trajectory.
package enum CheckInPairs {
    /// Of a user's check-ins in time order, rounded down, that train.
    package static let trainShare = 0.66

    /// Reads the folder's files, or their .xz, .gz or .zst forms; train first.
    package static func read(
        _ folder: String
    ) throws(DataFileError) -> (rows: [TrajectoryFiles.Row], refused: DataSetLedger) {
        var refused = DataSetLedger()
        let path: String
        do throws(DataFileError) {
            path = try TextFile.find("checkins.csv", in: folder)
        } catch {
            guard error.code == .notFound else { throw error }
            let train = try read("train.csv", .train, in: folder, &refused)
            return (train + (try read("test.csv", .test, in: folder, &refused)), refused)
        }
        return (cut(try readCalgary(path, &refused)), refused)
    }

    private static func read(
        _ name: String,
        _ part: TrajectoryFiles.Part,
        in folder: String,
        _ refused: inout DataSetLedger
    ) throws(DataFileError) -> [TrajectoryFiles.Row] {
        let reader = try CSVReader(path: try TextFile.find(name, in: folder))
        let (user, item) = (try reader.column("user"), try reader.column("poi"))
        let (latitude, longitude) = (try reader.column("lat"), try reader.column("lon"))
        let time = try reader.column("timestamp")
        var rows: [TrajectoryFiles.Row] = []
        try reader.forEachRow(fieldCount: reader.header.count, refused: &refused) { row in
            guard
                let latitude = row.number(latitude), let longitude = row.number(longitude),
                Place(latitudeDegrees: latitude, longitudeDegrees: longitude) != nil
            else { return "lat and lon are no place" }
            guard
                let time = TimeText.parse(row.field(time), as: .auto),
                Instant.accepted.contains(time.instant)
            else { return "the timestamp is no time" }
            rows.append(
                TrajectoryFiles.Row(
                    user: row[user],
                    place: row[item],
                    category: "",
                    latitudeDegrees: latitude,
                    longitudeDegrees: longitude,
                    utcOffsetMinutes: time.utcOffsetMinutes ?? 0,
                    secondsSinceEpoch: time.instant.millisecondsSinceEpoch / 1000,
                    trajectory: row[user],
                    part: part,
                    fileOrder: rows.count
                )
            )
            return nil
        }
        return rows
    }

    private static func readCalgary(
        _ path: String,
        _ refused: inout DataSetLedger
    ) throws(DataFileError) -> [TrajectoryFiles.Row] {
        let reader = try CSVReader(path: path)
        let (user, item) = (try reader.column("UserId"), try reader.column("VenueId"))
        let (latitude, longitude) = (try reader.column("Latitude"), try reader.column("Longitude"))
        let (offset, clock) = (try reader.column("TimeZone"), try reader.column("Time"))
        let (category, local) = (
            try reader.column("Category"), try reader.column("Local_Time_True")
        )
        var rows: [TrajectoryFiles.Row] = []
        try reader.forEachRow(fieldCount: reader.header.count, refused: &refused) { row in
            guard
                let latitude = row.number(latitude), let longitude = row.number(longitude),
                Place(latitudeDegrees: latitude, longitudeDegrees: longitude) != nil
            else { return "Latitude and Longitude are no place" }
            guard
                let offset = row.integer(offset), abs(offset) <= 840,
                let minutes = minutesSinceEpoch(row[local]),
                // The local time stops at the minute; the UTC clock has its seconds.
                let seconds = Int(row[clock].suffix(2)), (0..<60).contains(seconds)
            else { return "TimeZone, Time or Local_Time_True is no time" }
            rows.append(
                TrajectoryFiles.Row(
                    user: row[user],
                    place: row[item],
                    category: row[category],
                    latitudeDegrees: latitude,
                    longitudeDegrees: longitude,
                    utcOffsetMinutes: offset,
                    secondsSinceEpoch: Int64((minutes - offset) * 60 + seconds),
                    trajectory: row[user],
                    part: .train,
                    fileOrder: rows.count
                )
            )
            return nil
        }
        return rows
    }

    /// Minutes since 1970-01-01 00:00 of `d/m/yyyy h:mm`, both on one clock.
    private static func minutesSinceEpoch(_ text: String) -> Int? {
        let numbers = text.split { "/ :".contains($0) }.map { Int($0) }
        guard
            numbers.count == 5,
            let day = numbers[0], let month = numbers[1], let year = numbers[2],
            let hour = numbers[3], (0..<24).contains(hour),
            let minute = numbers[4], (0..<60).contains(minute),
            let days = Calendar.daysSinceEpoch(year: year, month: month, day: day)
        else { return nil }
        return (days * 24 + hour) * 60 + minute
    }

    /// The last third of each user's rows in time order becomes the test part.
    private static func cut(_ rows: [TrajectoryFiles.Row]) -> [TrajectoryFiles.Row] {
        let sorted = rows.sorted {
            ($0.secondsSinceEpoch, $0.fileOrder) < ($1.secondsSinceEpoch, $1.fileOrder)
        }
        var counts: [String: Int] = [:]
        for row in sorted { counts[row.user, default: 0] += 1 }
        var seen: [String: Int] = [:]
        var (train, test): ([TrajectoryFiles.Row], [TrajectoryFiles.Row]) = ([], [])
        for var row in sorted {
            let position = seen[row.user, default: 0]
            seen[row.user] = position + 1
            if position < Int(Double(counts[row.user] ?? 0) * trainShare) {
                train.append(row)
            } else {
                row.part = .test
                test.append(row)
            }
        }
        return train + test
    }
}
