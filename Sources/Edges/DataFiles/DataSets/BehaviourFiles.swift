package import Events

/// Views, carts and purchases with one held-out purchase a user: taobao-mb and retailrocket-mb.
///
/// taobao-mb has lists `user item item …`: {view,cart,buy}_train.txt and buy_test.txt; its other
/// test lists are never read. retailrocket-mb has train.csv (user, item, behavior, timestamp) and
/// test.csv (user, item). Each also in its .xz, .gz or .zst form.
package struct BehaviourFiles: Sendable {
    package static let actions = ["buy", "cart", "view"]

    /// Its items are those of the training files; its users those of all files.
    package let train: EventTable
    /// Ids; the item may be one that training lacks.
    package let targets: [(user: String, item: String)]
    /// Whether the rows' instants are times; else all are 1970-01-01T00:00:00Z.
    package let hasTimes: Bool
    /// Whether the users' earlier views and carts of their targets are in the training files:
    /// they are in taobao-mb, retailrocket-mb has taken them out.
    package let keepsTargetViews: Bool
    package let refused: DataSetLedger

    /// Reads whichever of the two sets `folder` holds.
    package static func read(_ folder: String) throws(DataFileError) -> BehaviourFiles {
        do throws(DataFileError) {
            _ = try TextFile.find("buy_train.txt", in: folder)
        } catch {
            guard error.code == .notFound else { throw error }
            return try readTable(folder)
        }
        return try readLists(folder)
    }

    private static func readLists(_ folder: String) throws(DataFileError) -> BehaviourFiles {
        var builder = EventTableBuilder(actions: actions)
        let instant = Instant(millisecondsSinceEpoch: 0)
        for action in actions {
            let path = try TextFile.find("\(action)_train.txt", in: folder)
            let lists = try IntegerLists.read(path)
            for line in lists.keys.indices {
                let user = String(lists.keys[line])
                for item in lists.values(line) {
                    builder.add(user: user, item: String(item), action: action, instant: instant)
                }
            }
        }
        let path = try TextFile.find("buy_test.txt", in: folder)
        let lists = try IntegerLists.read(path)
        var targets: [(user: String, item: String)] = []
        var refused = DataSetLedger()
        for line in lists.keys.indices {
            guard let item = lists.values(line).first, lists.values(line).count == 1 else {
                refused.add(path, line: line + 1, "\(lists.values(line).count) targets, not one")
                continue
            }
            targets.append((String(lists.keys[line]), String(item)))
            builder.add(user: String(lists.keys[line]))
        }
        return BehaviourFiles(
            train: builder.table(),
            targets: targets,
            hasTimes: false,
            keepsTargetViews: true,
            refused: refused
        )
    }

    private static func readTable(_ folder: String) throws(DataFileError) -> BehaviourFiles {
        var builder = EventTableBuilder(actions: actions)
        var refused = DataSetLedger()
        let train = try CSVReader(path: try TextFile.find("train.csv", in: folder))
        let (user, item) = (try train.column("user"), try train.column("item"))
        let (behavior, time) = (try train.column("behavior"), try train.column("timestamp"))
        try train.forEachRow(fieldCount: train.header.count, refused: &refused) { row in
            let action = row[behavior]
            guard actions.contains(action) else { return "'\(action)' is no behavior" }
            guard
                let time = TimeText.parse(row.field(time), as: .epochSeconds),
                Instant.accepted.contains(time.instant)
            else { return "the timestamp is no count of seconds since 1970" }
            builder.add(user: row[user], item: row[item], action: action, instant: time.instant)
            return nil
        }
        let test = try CSVReader(path: try TextFile.find("test.csv", in: folder))
        let (testUser, testItem) = (try test.column("user"), try test.column("item"))
        var targets: [(user: String, item: String)] = []
        try test.forEachRow(fieldCount: test.header.count, refused: &refused) { row in
            targets.append((row[testUser], row[testItem]))
            builder.add(user: row[testUser])
            return nil
        }
        return BehaviourFiles(
            train: builder.table(),
            targets: targets,
            hasTimes: true,
            keepsTargetViews: false,
            refused: refused
        )
    }
}
