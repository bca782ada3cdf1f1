package import Events

/// Sessions of places with a label each (foursquare-tky-sessions): `user <tab> place place | place`
/// with `|` between sessions, and `user <tab> place` for what follows the last one.
package struct SessionFiles: Sendable {
    /// Sessions of one user, oldest first, and the place after them.
    package struct User: Hashable, Sendable {
        package var user: String
        package var sessions: [[String]]
        package var label: String
    }

    /// In the order of the files.
    package let train: [User]
    package let test: [User]
    /// By id.
    package let places: [String: Place]
    package let refused: DataSetLedger

    /// A line holds all of a user's sessions: thousands of places.
    private static let maxLineBytes = 1 << 20

    /// Reads {train,test}_sessions.txt, {train,test}_labels.txt and poi_coordinates.csv, or their
    /// .xz, .gz or .zst forms. Users without a label are refused rows.
    package static func read(_ folder: String) throws(DataFileError) -> SessionFiles {
        var refused = DataSetLedger()
        let train = try users("train", folder, &refused)
        let test = try users("test", folder, &refused)
        var places: [String: Place] = [:]
        let reader = try CSVReader(path: try TextFile.find("poi_coordinates.csv", in: folder))
        let (id, latitude) = (try reader.column("poi"), try reader.column("lat"))
        let longitude = try reader.column("lon")
        try reader.forEachRow(fieldCount: reader.header.count, refused: &refused) { row in
            guard
                let latitude = row.number(latitude), let longitude = row.number(longitude),
                let place = Place(latitudeDegrees: latitude, longitudeDegrees: longitude)
            else { return "lat and lon are no place" }
            places[row[id]] = place
            return nil
        }
        return SessionFiles(train: train, test: test, places: places, refused: refused)
    }

    private static func users(
        _ part: String,
        _ folder: String,
        _ refused: inout DataSetLedger
    ) throws(DataFileError) -> [User] {
        var labels: [Substring: String] = [:]
        try forEachLine("\(part)_labels.txt", folder) { _, _, user, text in
            labels[user] = String(text)
        }
        var users: [User] = []
        try forEachLine("\(part)_sessions.txt", folder) { path, line, user, text in
            guard let label = labels[user] else {
                refused.add(path, line: line, "user \(user) has no label")
                return
            }
            let sessions = text.split(separator: "|").map { session in
                session.split(separator: " ").map { String($0) }
            }
            users.append(User(user: String(user), sessions: sessions, label: label))
        }
        return users
    }

    /// Calls `body` with path, line number, the text before the tab and the text after it.
    private static func forEachLine(
        _ name: String,
        _ folder: String,
        _ body: (String, Int, Substring, Substring) -> Void
    ) throws(DataFileError) {
        let path = try TextFile.find(name, in: folder)
        let reader = try LineReader(path: path, maxLineBytes: maxLineBytes)
        var line = Line()
        while try reader.next(&line) {
            let text = String(decoding: line.bytes, as: UTF8.self)
            if text.isEmpty { continue }
            let halves = text.split(separator: "\t", maxSplits: 1)
            guard halves.count == 2, !line.isTooLong else {
                throw DataFileError(
                    .badValue,
                    path: path,
                    lineNumber: line.number,
                    problem: "is no line 'user <tab> places'",
                    remedy: "fetch the file again"
                )
            }
            body(path, line.number, halves[0], halves[1])
        }
    }
}
