extension ModelStore {
    /// Removes old versions and returns them, oldest first.
    ///
    /// Kept are the newest `keepLast` intact versions and everything newer than the oldest of
    /// them, every aliased version, the version each alias would roll back to, and every version
    /// that a process has pinned. Numbers are not used again.
    package func garbageCollect(keepLast: Int) throws(ModelStoreError) -> [ModelVersion] {
        precondition(keepLast >= 0, "keeping \(keepLast) versions")
        try requirePublisher()
        return try alone { () throws(ModelStoreError) in
            // No alias moves meanwhile: what is not aliased now is not until we are done.
            let aliasLock = try lockAliases()
            let aliased = try aliasedVersions()
            var removed: [ModelVersion] = []
            for version in try oldVersions(keepLast) where !aliased.contains(version) {
                if try remove(version) { removed.append(version) }
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

    /// Those older than the `keepLast` newest intact ones, ascending.
    private func oldVersions(_ keepLast: Int) throws(ModelStoreError) -> [ModelVersion] {
        let summaries = try versions()
        let kept = summaries.filter(\.isIntact).suffix(keepLast)
        if kept.count < keepLast { return [] }
        return summaries.map(\.version).filter { version in
            kept.first.map { version < $0.version } ?? true
        }
    }

    /// Whether the version could be removed; false where a process has pinned it.
    private func remove(_ version: ModelVersion) throws(ModelStoreError) -> Bool {
        let folder = folder(of: version)
        let pinPath = folder.appending(ManifestFile.pinName)
        var pin: OpenFile?
        if StoreFolders.exists(pinPath) {
            let file = try OpenFile(pinPath, .read)
            guard try file.lock(exclusive: true) else { return false }
            pin = file
        }
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
