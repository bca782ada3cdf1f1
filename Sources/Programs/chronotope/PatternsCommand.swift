import ArgumentParser
import Client
import CommandLineTools
import Events
import Foundation
import PatternFiles
import Patterns

/// `chronotope patterns`: how behaviour hangs together in time and place, in sentences.
struct PatternsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patterns",
        abstract: "List the patterns of a version, or mine them from events.",
        discussion: """
            Without a file the server answers, with the patterns stored with a version.

            Examples:
              chronotope patterns --near 40.72,-73.99 --radius 500 --slot 'friday 22'
              chronotope patterns --mine --min-events 30
              chronotope patterns --drift 41 42
              chronotope patterns --format geojson --out patterns.geojson
              chronotope patterns checkins.csv.xz --kind association --slot 'saturday 18-22'
              chronotope patterns --from new.jsonl --since old.jsonl
            """
    )

    @Argument(help: "Events as chronotope import reads them, or a data set's folder.")
    var events: String?

    @Option(help: "What the columns mean, where their names do not say it; a JSON file.")
    var mapping: String?

    @Option(help: ArgumentHelp("List the patterns of this file instead.", valueName: "file"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Show how they differ from the patterns of this file.",
            valueName: "file"
        )
    )
    var since: String?

    @Option(help: "Write those selected, all pages, as jsonl, csv or geojson.")
    var format: PatternFormat?

    @Option(
        help: ArgumentHelp(
            "Write them here, as jsonl where --format says nothing.",
            valueName: "file"
        )
    )
    var out: String?

    @Option(
        help: ArgumentHelp(
            """
            Train this family on the events too, and say what it makes of the patterns; \
            chronotope takes some four minutes for 50,000 events.
            """,
            valueName: "family"
        )
    )
    var learnedBy: String?

    @Flag(help: "Leave out what is about fewer than --release-floor users, and all examples.")
    var release = false

    @Option(help: "Distinct users of a released pattern; with --release.")
    var releaseFloor = 20

    @Option(help: "Threads to mine with.") var threads: Int?

    @OptionGroup(title: "Which patterns") var filter: PatternFilterOptions
    @OptionGroup(title: "What counts as one") var mining: MiningOptions
    @OptionGroup(title: "Of a server") var stored: StoredPatternOptions
    @OptionGroup var remote: RemoteOptions

    /// Neither a file of events nor one of patterns.
    private var asksServer: Bool { events == nil && from == nil }

    func validate() throws {
        guard events == nil || from == nil else {
            throw ValidationError("name a file of events, or one of patterns with --from")
        }
        guard threads.map((1...1_024).contains) ?? true else {
            throw ValidationError("--threads must be in 1...1024, not \(threads ?? 0)")
        }
        guard learnedBy.map(ModelFitting.families.contains) ?? true else {
            throw ValidationError(
                "--learned-by takes one of \(ModelFitting.families.joined(separator: ", "))"
            )
        }
        guard learnedBy == nil || events != nil else {
            throw ValidationError("--learned-by needs events to train on")
        }
        guard releaseFloor >= 2 else {
            throw ValidationError("--release-floor must be at least 2, not \(releaseFloor)")
        }
        guard asksServer || !stored.isUsed else {
            throw ValidationError("--mine, --drift, --id, --of and --alias are for a server")
        }
        guard !release || stored.versionsOfDrift == nil && stored.id == nil && since == nil else {
            throw ValidationError("--release is for a list of patterns")
        }
        _ = try filter.filter(mining)
        try filter.checkPage()
        try stored.check()
    }

    func run() async throws {
        if asksServer { return try await ask() }
        var found = try await patterns()
        found.patterns = released(found.patterns)
        let filter = try filter.filter(events == nil ? mining : nil)
        if let since {
            let before = try PatternsOnDisk.read(since).patterns
            let drift = PatternDrift(from: before, to: found.patterns)
            return try drift.show(found.words, filter, self.filter, remote.outputOptions.output)
        }
        try finish(found.selected(by: filter), found.summary)
    }

    /// With --release what may leave the house; all without.
    private func released(_ patterns: [Pattern]) -> [Pattern] {
        release ? patterns.compactMap { $0.released(floor: releaseFloor) } : patterns
    }

    private struct Found {
        var patterns: [Pattern]
        var summary: PatternFile.Summary
        var words: PatternWords

        func selected(by filter: PatternFilter) -> SelectedPatterns {
            SelectedPatterns(
                patterns: patterns.filter { filter.accepts($0, items: words.items) },
                words: words
            )
        }
    }

    /// Exports the selected patterns where a format or file is named, and shows a page of them.
    private func finish(_ selected: SelectedPatterns, _ summary: PatternFile.Summary) throws {
        if format != nil || out != nil {
            try selected.export(as: format ?? .jsonl, to: out, summary)
            if out == nil { return }
        }
        let page = PatternPage(
            patterns: Array(selected.patterns.dropFirst(filter.offset).prefix(filter.limit)),
            acceptedCount: selected.patterns.count,
            offset: filter.offset,
            summary: summary
        )
        try page.show(selected.words, remote.outputOptions.output)
    }

    private func patterns() async throws -> Found {
        if let from {
            let file = try PatternsOnDisk.read(from)
            return Found(
                patterns: file.patterns,
                summary: file.summary,
                words: PatternWords(file.items)
            )
        }
        let mined = try await FileMining(
            path: events ?? "",
            mapping: mapping,
            settings: MiningSettings(texts: mining.texts),
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
            learnedBy: learnedBy
        ).mine()
        return Found(
            patterns: mined.file.patterns,
            summary: mined.file.summary,
            words: mined.words
        )
    }

    // MARK: - A server's

    private func ask() async throws {
        let filter = try filter.filter(stored.mine ? nil : mining)
        var version = stored.of ?? 0
        if stored.mine {
            version = try await stored.mined(mining, threads: threads ?? 0, remote)
        }
        let client = try await remote.client()
        if let drift = stored.versionsOfDrift {
            let reply = try await client.drift(drift, filter, limit: self.filter.limit)
            return try remote.show(reply) { reply.lines }
        }
        if let id = stored.id {
            let reply = try await client.pattern(id, version: version, alias: stored.alias)
            return try remote.show(reply) { [reply.pattern.text] }
        }
        let exportsAll = format != nil || out != nil
        var listed = try await client.patterns(
            filter,
            version: version,
            alias: stored.alias,
            skipping: exportsAll ? 0 : self.filter.offset,
            limit: exportsAll ? .max : self.filter.limit
        )
        listed.selected.patterns = released(listed.selected.patterns)
        if exportsAll { return try finish(listed.selected, listed.summary) }
        let page = PatternPage(
            patterns: listed.selected.patterns,
            acceptedCount: listed.count,
            offset: self.filter.offset,
            summary: listed.summary,
            version: listed.version
        )
        try page.show(listed.selected.words, remote.outputOptions.output)
    }
}

extension PatternFormat: ExpressibleByArgument {}
