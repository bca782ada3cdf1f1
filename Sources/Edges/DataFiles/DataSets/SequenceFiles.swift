/// Item sequences in the pre-split of gSASRec (movielens-1m-seq): line k of train_input.txt is user
/// k, items oldest first; val_users.txt names users by line, val_input.txt holds their sequences
/// and val_output.txt what comes next. Each also in its .xz, .gz or .zst form.
package struct SequenceFiles: Sendable {
    /// By user, from user 1 on.
    package let train: [[Int32]]
    package let targets: [(user: Int, history: [Int32], target: Int32)]

    /// - Throws: an error naming the file where one holds no list, or the validation files differ
    ///   in length: lines are matched by their number, so that none can be passed over.
    package static func read(_ folder: String) throws(DataFileError) -> SequenceFiles {
        let train = try lines("train_input.txt", folder)
        let users = try lines("val_users.txt", folder)
        let inputs = try lines("val_input.txt", folder)
        let outputs = try lines("val_output.txt", folder)
        guard users.count == inputs.count, users.count == outputs.count else {
            throw DataFileError(
                .badValue,
                path: "\(folder)/val_users.txt",
                problem: "has \(users.count) lines, val_input.txt \(inputs.count), "
                    + "val_output.txt \(outputs.count)",
                remedy: "fetch the three files again"
            )
        }
        var targets: [(user: Int, history: [Int32], target: Int32)] = []
        for line in users.indices {
            let user = Int(users[line][0])
            guard (1...train.count).contains(user) else {
                throw DataFileError(
                    .badValue,
                    path: "\(folder)/val_users.txt",
                    lineNumber: line + 1,
                    problem: "user \(user) is none of the \(train.count) of train_input.txt",
                    remedy: "fetch both files again"
                )
            }
            targets.append((user, inputs[line], outputs[line][0]))
        }
        return SequenceFiles(train: train, targets: targets)
    }

    /// All numbers of each line.
    private static func lines(
        _ name: String,
        _ folder: String
    ) throws(DataFileError) -> [[Int32]] {
        let path = try TextFile.find(name, in: folder)
        let bytes = try TextFile.contents(of: path)
        let lists = try IntegerLists.parse(bytes, path: path)
        // Blank lines would shift the users after them.
        let lineCount = bytes.count { $0 == 0x0A } + (bytes.last == 0x0A ? 0 : 1)
        guard lists.keys.count == lineCount, lineCount > 0 else {
            throw DataFileError(
                .badValue,
                path: path,
                problem: "has \(lineCount) lines, of which \(lists.keys.count) hold numbers",
                remedy: "fetch the file again"
            )
        }
        return lists.keys.indices.map { [lists.keys[$0]] + lists.values($0) }
    }
}
