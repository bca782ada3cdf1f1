import Kernels

extension ModelStore {
    /// The aliases now; empty where none was ever set. A table that was there and is gone is damage:
    /// taken for a new store it would hide every version and all history.
    package func aliases() throws(ModelStoreError) -> AliasTable {
        let path = root.appending(AliasTable.fileName)
        guard StoreFolders.exists(path) else {
            try requireNoEarlierTable()
            return .empty
        }
        let bytes = try StoreFolders.read(path, limit: AliasTable.maxByteCount)
        guard var table = AliasTable.opened(bytes) else {
            throw .corrupt(
                path,
                "its checksum does not match, or it is no alias table",
                Self.tableRemedy
            )
        }
        table.crc32c = nil
        return table
    }

    private static let tableRemedy =
        "stop the trainer and restore it from a backup; history.jsonl lists every move"

    /// Throws where the history tells of a table: of a second move, or of more than a crash between
    /// a first line and its table leaves.
    private func requireNoEarlierTable() throws(ModelStoreError) {
        let path = root.appending(AliasMove.fileName)
        guard StoreFolders.exists(path) else { return }
        let bytes = try StoreFolders.read(path, limit: AliasMove.maxByteCount)
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast()
        let generations = lines.compactMap { AliasMove.opened(Array($0))?.generation }
        guard let newest = generations.max(), newest >= 2 else { return }
        throw .corrupt(
            root.appending(AliasTable.fileName),
            "missing, though \(AliasMove.fileName) tells of generation \(newest)",
            Self.tableRemedy
        )
    }

    /// The version an alias stands for.
    package func version(of alias: String) throws(ModelStoreError) -> ModelVersion {
        guard let version = try aliases().aliases[alias] else { throw Self.aliasNotFound(alias) }
        return version
    }

    /// Every move that took effect, oldest first.
    package func history() throws(ModelStoreError) -> [AliasMove] {
        let path = root.appending(AliasMove.fileName)
        let current = try aliases().generation
        let bytes =
            StoreFolders.exists(path)
            ? try StoreFolders.read(path, limit: AliasMove.maxByteCount) : []
        var moves: [AliasMove] = []
        // Bytes after the last line's end are a line that a crash cut.
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast()
        for (number, line) in lines.enumerated() {
            guard var move = AliasMove.opened(Array(line)) else {
                throw .corrupt(path, "line \(number + 1) does not match its checksum")
            }
            move.crc32c = nil
            // A line is written before the table: one of the same number means the first of the
            // two was cut before the table changed.
            while let last = moves.last, last.generation >= move.generation { moves.removeLast() }
            if move.generation <= current { moves.append(move) }
        }
        guard moves.last?.generation ?? 0 == current else {
            throw .corrupt(path, "the move to generation \(current) is missing")
        }
        return moves
    }

    /// Moves an alias to a version that loads.
    ///
    /// - Parameter expectedGeneration: of the table the decision was made on; another gives
    ///   `aliasMoved` and changes nothing. nil = move whatever happened meanwhile.
    /// - Returns: the table after the move.
    package func setAlias(
        _ name: String,
        to version: ModelVersion,
        who: String,
        why: String,
        expectedGeneration: UInt64? = nil
    ) throws(ModelStoreError) -> AliasTable {
        try Self.checkSettable(name)
        let loaded = try load(version)
        return try move(
            name,
            .set,
            to: loaded.version,
            who: who,
            why: why,
            expected: expectedGeneration
        )
    }

    /// Moves an alias back to where it was before its last move; again goes one further back.
    ///
    /// - Parameters:
    ///   - expectedGeneration: of the table the decision was made on; nil = the one that the target
    ///     is chosen from. Another gives `aliasMoved` and changes nothing.
    ///   - willMove: called with the target before the lock is taken; tests move the alias there.
    package func rollback(
        _ name: String,
        who: String,
        why: String,
        expectedGeneration: UInt64? = nil,
        willMove: (ModelVersion) -> Void = { _ in }
    ) throws(ModelStoreError) -> AliasTable {
        try Self.checkSettable(name)
        _ = try version(of: name)
        let history = try history()
        guard let target = rollbackTarget(of: name, in: history) else {
            throw ModelStoreError(
                code: .versionNotFound,
                path: AliasMove.fileName,
                problem: "alias \(name) has no earlier target",
                remedy: "set the alias to a version by number"
            )
        }
        let loaded = try load(target)
        willMove(target)
        return try move(
            name,
            .rollback,
            to: loaded.version,
            who: who,
            why: why,
            expected: expectedGeneration ?? history.last?.generation
        )
    }

    /// Where `rollback` would lead: rollbacks undo moves, so that repeating them walks back.
    func rollbackTarget(of name: String, in history: [AliasMove]) -> ModelVersion? {
        var targets: [ModelVersion] = []
        for move in history where move.alias == name {
            if move.action == .rollback { targets.removeLast(min(2, targets.count)) }
            if targets.last != move.to { targets.append(move.to) }
        }
        return targets.dropLast().last
    }

    /// Writes the move to the history, then replaces the table. The target is verified and pinned
    /// by the caller.
    func move(
        _ name: String,
        _ action: AliasMove.Action,
        to version: ModelVersion,
        who: String,
        why: String,
        expected: UInt64? = nil
    ) throws(ModelStoreError) -> AliasTable {
        let historyFile = try lockAliases()
        var table = try aliases()
        if let expected, expected != table.generation {
            throw ModelStoreError(
                code: .aliasMoved,
                root: root.root,
                path: AliasTable.fileName,
                problem: "generation \(table.generation), expected \(expected)",
                remedy: "read the aliases again and decide again"
            )
        }
        let from = table.aliases[name]
        table.generation += 1
        table.aliases[name] = version
        let line = AliasMove(
            generation: table.generation,
            action: action,
            alias: name,
            from: from,
            to: version,
            who: who,
            why: why,
            milliseconds: now()
        )
        guard let lineBytes = line.sealed(), let tableBytes = table.sealed() else {
            throw .invalid(AliasTable.fileName, "the move is no JSON", "mend the texts")
        }
        try append(lineBytes + [10], to: historyFile)
        try StoreFolders.replace(AliasTable.fileName, in: root, with: tableBytes + [10])
        return table
    }

    /// The lock of all alias changes is the history file itself; it ends with the returned file.
    func lockAliases() throws(ModelStoreError) -> OpenFile {
        let file = try OpenFile(root.appending(AliasMove.fileName), .append)
        _ = try file.lock(exclusive: true, waiting: true)
        return file
    }

    private func append(_ line: [UInt8], to file: OpenFile) throws(ModelStoreError) {
        let bytes = try StoreFolders.read(file.path, limit: AliasMove.maxByteCount)
        let whole = (bytes.lastIndex(of: 10) ?? -1) + 1
        if whole < bytes.count { try file.truncate(to: whole) }
        let errorNumber = line.withRawBytes { file.write($0) }
        guard errorNumber == 0 else { throw ioError("write", file.path, errorNumber) }
        try file.sync()
    }

    private static func checkSettable(_ name: String) throws(ModelStoreError) {
        guard AliasTable.isName(name), name != AliasTable.latest else {
            throw .invalid(
                AliasTable.fileName,
                "\"\(name)\" is no alias that can be set",
                "use 1 to 40 of a-z 0-9 -, and not \"\(AliasTable.latest)\""
            )
        }
    }

    private static func aliasNotFound(_ name: String) -> ModelStoreError {
        ModelStoreError(
            code: .aliasNotFound,
            path: AliasTable.fileName,
            problem: "there is no alias \(name)",
            remedy: "list the aliases, or set it"
        )
    }
}
