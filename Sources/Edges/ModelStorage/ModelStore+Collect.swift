extension ModelStore {
    /// Removes old versions and returns them, oldest first.
    ///
    /// Kept are every aliased version, the version each alias would roll back to, every version that
    /// a process has pinned, and of the others the newest `keepLast` intact ones with everything
    /// newer than the oldest of them. Numbers are not used again.
    package func garbageCollect(keepLast: Int) throws(ModelStoreError) -> [ModelVersion] {
        precondition(keepLast >= 0, "keeping \(keepLast) versions")
        try requirePublisher()
        return try alone { () throws(ModelStoreError) in
            // No alias moves meanwhile: what is not aliased now is not until we are done.
            let aliasLock = try lockAliases()
            var removed: [ModelVersion] = []
            for version in try oldVersions(keepLast) where try remove(version) {
                removed.append(version)
            }
            withExtendedLifetime(aliasLock) {}
            return removed
        }
    }

    private func aliasedVersions() throws(ModelStoreError) -> Set<ModelVersion> {
        let aliases = try aliases().aliases
        let history = try history()
        let targets = aliases.keys.filter { $0 != AliasTable.latest }
            .compactMap { rollbackTarget(of: $0, in: history) }
        return Set(aliases.values).union(targets)
    }

    /// Those that nothing names or pins, older than the `keepLast` newest intact ones of them;
    /// ascending.
    private func oldVersions(_ keepLast: Int) throws(ModelStoreError) -> [ModelVersion] {
        let aliased = try aliasedVersions()
        var free: [VersionSummary] = []
        for summary in try versions() where !aliased.contains(summary.version) {
            if case .held = try pinLock(of: summary.version) { continue }
            free.append(summary)
        }
        let kept = free.filter(\.isIntact).suffix(keepLast)
        if kept.count < keepLast { return [] }
        return free.map(\.version).filter { version in
            kept.first.map { version < $0.version } ?? true
        }
    }

    private enum PinLock {
        /// A process has pinned the version.
        case held
        /// Ours while the file lives; nil for a version without a PIN file.
        case taken(OpenFile?)
    }

    private func pinLock(of version: ModelVersion) throws(ModelStoreError) -> PinLock {
        let path = folder(of: version).appending(ManifestFile.pinName)
        guard StoreFolders.exists(path) else { return .taken(nil) }
        let file = try OpenFile(path, .read)
        return try file.lock(exclusive: true) ? .taken(file) : .held
    }

    /// Whether the version could be removed; false where a process has pinned it.
    private func remove(_ version: ModelVersion) throws(ModelStoreError) -> Bool {
        guard case .taken(let pin) = try pinLock(of: version) else { return false }
        let folder = folder(of: version)
        // Out of sight in one step, then piece by piece; a crash between is swept at the next open.
        let aside = temporaryFolder.appending("removed-\(version.name)")
        try StoreFolders.removeTree(aside)
        try renameFile(folder, to: aside)
        try StoreFolders.sync(versionsFolder)
        withExtendedLifetime(pin) {}
        try StoreFolders.removeTree(aside)
        return true
    }
}
