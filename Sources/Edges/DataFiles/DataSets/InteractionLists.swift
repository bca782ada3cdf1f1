/// A top-n data set: who touched what, split in a training and a test part, without times.
///
/// The files of NGCF and LightGCN: `train.txt` and `test.txt`, each line `user item item …`, ids
/// dense from 0. A part holds each user's items in the order of the file.
package struct InteractionLists: Hashable, Sendable {
    /// Items by user, as the rows of a CSR matrix.
    package struct Part: Hashable, Sendable {
        /// count = userCount + 1.
        package var offsets: [Int]
        package var items: [Int32]

        package func items(ofUser user: Int) -> ArraySlice<Int32> {
            items[offsets[user]..<offsets[user + 1]]
        }
    }

    package var userCount: Int
    package var itemCount: Int
    package var train: Part
    package var test: Part

    /// Reads `train.txt` and `test.txt` of `folder`, or their .xz, .gz or .zst forms.
    package static func read(_ folder: String) throws(DataFileError) -> InteractionLists {
        let train = try lists("train.txt", folder)
        let test = try lists("test.txt", folder)
        let users = max(train.keys.max() ?? -1, test.keys.max() ?? -1)
        let items = max(train.values.max() ?? -1, test.values.max() ?? -1)
        return InteractionLists(
            userCount: Int(users) + 1,
            itemCount: Int(items) + 1,
            train: Part(train, userCount: Int(users) + 1),
            test: Part(test, userCount: Int(users) + 1)
        )
    }

    private static func lists(
        _ name: String,
        _ folder: String
    ) throws(DataFileError) -> IntegerLists {
        let path = try TextFile.find(name, in: folder)
        let lists = try IntegerLists.read(path)
        guard !lists.keys.isEmpty else {
            throw DataFileError(
                .empty,
                path: path,
                problem: "holds no line",
                remedy: "fetch the file again"
            )
        }
        return lists
    }
}

extension InteractionLists.Part {
    /// Lines sorted by user; a user on several lines gets all of them, one on none an empty row.
    init(_ lists: IntegerLists, userCount: Int) {
        var counts = [Int](repeating: 0, count: userCount + 1)
        for (line, user) in lists.keys.enumerated() {
            counts[Int(user) + 1] += lists.offsets[line + 1] - lists.offsets[line]
        }
        for user in 0..<userCount { counts[user + 1] += counts[user] }
        offsets = counts
        items = [Int32](repeating: 0, count: lists.values.count)
        for (line, user) in lists.keys.enumerated() {
            for item in lists.values(line) {
                items[counts[Int(user)]] = item
                counts[Int(user)] += 1
            }
        }
    }
}
