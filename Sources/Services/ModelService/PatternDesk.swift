internal import Logging
internal import Messages
internal import PatternFiles
internal import Patterns
internal import RPC
internal import Ranking

/// Lists stored patterns, and keeps those of served versions at hand for recommendations.
struct PatternDesk: Sendable {
    /// Patterns that came after their version are seen within this time.
    static let refreshInterval = Duration.milliseconds(250)

    let shelf: PatternShelf
    let board: PatternBoard
    let current: CurrentSnapshot
    let logger: Logger

    /// - Parameter requireReady: throws while the server may not answer.
    func register(
        on router: inout Router,
        requireReady: @escaping @Sendable () throws(RPCError) -> Void
    ) {
        router.register(Methods.modelListPatterns) { wire, _ in
            try requireReady()
            return try await list(wire)
        }
        router.register(Methods.modelGetPattern) { wire, _ in
            try requireReady()
            return try await get(wire)
        }
        router.register(Methods.modelPatternDrift) { wire, _ in
            try requireReady()
            return try await drift(wire)
        }
    }

    // MARK: - Answers

    func list(_ wire: Wire.ListPatternsRequest) async throws -> Wire.ListPatternsReply {
        let filter = try PatternFilter(wire.selection)
        let size = try PatternPage.size(wire.pageSize, field: "page_size")
        let page = try PatternPage.read(wire.pageToken)
        let patterns = try await patterns(of: wire.version, wire.alias, page: page)
        let selection = PatternPage.fingerprint(wire.selection)
        if let page { try Self.check(page, patterns, selection) }
        let selected = patterns.file.patterns.filter {
            filter.accepts($0, items: patterns.file.items)
        }
        let start = min(page?.offset ?? 0, selected.count)
        let end = min(start + size, selected.count)
        let next = PatternPage(
            version: patterns.version,
            mining: patterns.digest,
            selection: selection,
            offset: end
        )
        let summary = patterns.file.summary
        return Wire.ListPatternsReply(
            patterns: selected[start..<end].map { Wire.Pattern($0, patterns.words) },
            selected: UInt64(selected.count),
            nextPageToken: end < selected.count ? next.token : "",
            version: patterns.version,
            summary: Wire.PatternSummary(
                events: UInt64(summary.events),
                users: UInt64(summary.users),
                tests: UInt64(summary.tests),
                significant: UInt64(summary.significant),
                patterns: UInt64(patterns.file.patterns.count)
            )
        )
    }

    func get(_ wire: Wire.GetPatternRequest) async throws -> Wire.PatternReply {
        guard !wire.id.isEmpty else {
            throw RPCError(
                .invalidArgument,
                "no id",
                field: "id",
                remedy: "give the id of a listed pattern"
            )
        }
        let patterns = try await patterns(of: wire.version, wire.alias, page: nil)
        guard let index = patterns.indices[wire.id] else {
            throw RPCError(
                .notFound,
                "version \(patterns.version) has no pattern of this id",
                field: "id",
                remedy: "list its patterns, or name the version that has it"
            )
        }
        return Wire.PatternReply(
            pattern: Wire.Pattern(patterns.file.patterns[index], patterns.words),
            version: patterns.version
        )
    }

    func drift(_ wire: Wire.PatternDriftRequest) async throws -> Wire.PatternDriftReply {
        let filter = try PatternFilter(wire.selection)
        let limit = try PatternPage.size(wire.limit, field: "limit")
        let ratio = wire.leastRatio == 0 ? 1.5 : wire.leastRatio
        guard ratio >= 1, ratio.isFinite else {
            throw RPCError(
                .invalidArgument,
                "a change by a factor of \(ratio)",
                field: "least_ratio",
                remedy: "give a number of at least 1, or 0 for 1.5"
            )
        }
        let after = try await patterns(of: wire.toVersion, "", page: nil)
        let earlier = try await earlierVersion(wire.fromVersion, than: after.version)
        let before = try await patterns(of: earlier, "", page: nil)
        let drift = PatternDrift(
            from: before.file.patterns.filter { filter.accepts($0, items: before.file.items) },
            to: after.file.patterns.filter { filter.accepts($0, items: after.file.items) },
            leastRatio: ratio
        )
        return Wire.PatternDriftReply(
            fromVersion: before.version,
            toVersion: after.version,
            appeared: drift.appeared.prefix(limit).map { Wire.Pattern($0, after.words) },
            vanished: drift.vanished.prefix(limit).map { Wire.Pattern($0, before.words) },
            changed: drift.changed.prefix(limit).map { change in
                Wire.PatternChange(
                    before: Wire.Pattern(change.before, before.words),
                    after: Wire.Pattern(change.after, after.words),
                    liftRatio: change.liftRatio
                )
            },
            appearedCount: UInt64(drift.appeared.count),
            vanishedCount: UInt64(drift.vanished.count),
            changedCount: UInt64(drift.changed.count),
            unchangedCount: UInt64(drift.unchangedCount)
        )
    }

    private func earlierVersion(_ asked: UInt64, than later: UInt64) async throws -> UInt64 {
        if asked > 0 { return asked }
        if let parent = try await shelf.parent(of: later) { return parent }
        throw RPCError(
            .invalidArgument,
            "version \(later) followed no other",
            field: "from_version",
            remedy: "name the version to compare with"
        )
    }

    private static func check(
        _ page: PatternPage,
        _ patterns: ShelvedPatterns,
        _ selection: String
    ) throws(RPCError) {
        guard page.selection == selection else {
            throw RPCError(
                .invalidArgument,
                "the page token is of another selection",
                field: "page_token",
                remedy: "repeat the selection of the first page, or begin without a token"
            )
        }
        guard page.version == patterns.version, page.mining == patterns.digest else {
            throw RPCError(
                .aborted,
                "the patterns were mined anew since the first page",
                field: "page_token",
                remedy: "begin again without a token"
            )
        }
    }

    /// - Throws: FAILED_PRECONDITION where no version is published or it has no patterns, NOT_FOUND for
    ///   an unknown version or alias.
    private func patterns(
        of version: UInt64,
        _ alias: String,
        page: PatternPage?
    ) async throws -> ShelvedPatterns {
        var number = version == 0 ? page?.version ?? 0 : version
        if number == 0 { number = try await self.version(alias: alias) }
        if let patterns = try await shelf.patterns(of: number) { return patterns }
        throw RPCError(
            .failedPrecondition,
            "version \(number) has no patterns",
            field: "version",
            remedy: "mine them: chronotope patterns --mine --of \(number) (Training/MinePatterns)"
        )
    }

    private func version(alias: String) async throws -> UInt64 {
        let name = alias.isEmpty ? ListQuery.defaultAlias : alias
        if let number = try await shelf.version(alias: name) { return number }
        if alias.isEmpty {
            throw RPCError(
                .failedPrecondition,
                "no version is published yet",
                remedy: "train one: chronotope train"
            )
        }
        throw RPCError(
            .notFound,
            "no version is published under this alias",
            field: "alias",
            remedy: "list the versions and their aliases, or leave the alias out"
        )
    }

    // MARK: - The board

    /// Reads the patterns of what is served, until cancelled. Patterns that cannot be read are left
    /// out: recommendations then name none.
    func keepBoardFresh() async {
        var reported: Set<UInt64> = []
        while !Task.isCancelled {
            var fresh: [UInt64: ShelvedPatterns] = [:]
            for number in current.snapshot.versions.keys.sorted() {
                let held = board.patterns(of: number)
                do {
                    fresh[number] = try await shelf.patterns(of: number, held: held)
                    reported.remove(number)
                } catch {
                    fresh[number] = held
                    guard !Task.isCancelled, reported.insert(number).inserted else { continue }
                    logger.warning(
                        "the patterns of a version cannot be read",
                        metadata: ["version": "\(number)", "problem": "\(error)"]
                    )
                }
            }
            board.publish(fresh)
            try? await Task.sleep(for: Self.refreshInterval)
        }
    }
}
