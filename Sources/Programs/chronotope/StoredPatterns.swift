import ArgumentParser
import Client
import CommandLineTools
import Events
import Foundation
import PatternFiles
import Patterns
import RPC

/// What of a server's patterns is asked.
struct StoredPatternOptions: ParsableArguments {
    @Flag(help: "Mine the patterns of the version first, and store them with it.")
    var mine = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Show what appeared, vanished and changed from one version to another.",
            valueName: "version"
        )
    )
    var drift: [UInt64] = []

    @Option(help: "Show the pattern of this id.") var id: String?

    @Option(help: ArgumentHelp("The version whose patterns they are.", valueName: "version"))
    var of: UInt64?

    @Option(help: "The alias of the version (default: stable).") var alias: String?

    var isUsed: Bool { mine || !drift.isEmpty || id != nil || of != nil || alias != nil }

    var versionsOfDrift: (from: UInt64, to: UInt64)? {
        drift.count == 2 ? (drift[0], drift[1]) : nil
    }

    func check() throws {
        guard drift.isEmpty || drift.count == 2 else {
            throw ValidationError("--drift takes two versions, the earlier first")
        }
        guard of == nil || alias == nil else {
            throw ValidationError("name the version with --of or --alias, not both")
        }
    }

    /// Mines on the server and waits for the end.
    func mined(
        _ options: MiningOptions,
        threads: Int,
        _ remote: RemoteOptions
    ) async throws -> UInt64 {
        let client = try await remote.client(.training)
        var request = Chronotope_V1_MinePatternsRequest()
        request.version = of ?? 0
        request.alias = alias ?? ""
        request.threads = UInt32(threads)
        request.settings = options.texts.sorted { $0.key < $1.key }.map { name, value in
            var setting = Chronotope_V1_Setting()
            setting.name = name
            setting.value = value
            return setting
        }
        let started = try await client.minePatterns(request)
        StandardError.write(
            "run \(started.id) mines; chronotope runs --cancel \(started.id) ends it"
        )
        let run = try await RunWatch(client: client).end(of: started)
        if let failure = run.failure { throw failure }
        return run.version
    }
}

/// Patterns that a filter chose, with the words for them.
struct SelectedPatterns {
    var patterns: [Pattern]
    var words: PatternWords

    /// - Parameter path: nil for standard output.
    func export(
        as format: PatternFormat,
        to path: String?,
        _ summary: PatternFile.Summary
    ) throws {
        let file = PatternFile(patterns: patterns, summary: summary, items: words.items)
        try PatternsOnDisk.write(file, words: words, as: format, to: path)
    }
}

/// Pages of a server's patterns, joined.
struct ListedPatterns {
    var selected: SelectedPatterns
    /// All that the filter lets through, on the server.
    var count: Int
    var summary: PatternFile.Summary
    var version: UInt64
}

extension ChronotopeClient {
    private static var pageSize: Int { 500 }

    /// As many as are asked for, page by page.
    func patterns(
        _ filter: PatternFilter,
        version: UInt64,
        alias: String?,
        skipping offset: Int,
        limit: Int
    ) async throws -> ListedPatterns {
        let end = offset.addingReportingOverflow(limit)
        let wanted = end.overflow ? .max : end.partialValue
        var request = Chronotope_V1_ListPatternsRequest()
        request.selection = Chronotope_V1_PatternSelection(filter)
        request.version = version
        request.alias = alias ?? ""
        request.pageSize = UInt32(min(Self.pageSize, wanted))
        var seen = 0
        var patterns: [Pattern] = []
        var items = PatternItems()
        while true {
            let reply = try await listPatterns(request)
            for wire in reply.patterns {
                seen += 1
                guard seen > offset, seen <= wanted else { continue }
                patterns.append(try Pattern(wire, &items))
            }
            guard seen < wanted, !reply.nextPageToken.isEmpty else {
                return ListedPatterns(
                    selected: SelectedPatterns(patterns: patterns, words: PatternWords(items)),
                    count: Int(clamping: reply.selected),
                    summary: PatternFile.Summary(
                        events: Int(clamping: reply.summary.events),
                        users: Int(clamping: reply.summary.users),
                        tests: Int(clamping: reply.summary.tests),
                        significant: Int(clamping: reply.summary.significant)
                    ),
                    version: reply.version
                )
            }
            request.pageToken = reply.nextPageToken
        }
    }

    func pattern(
        _ id: String,
        version: UInt64,
        alias: String?
    ) async throws -> Chronotope_V1_PatternReply {
        var request = Chronotope_V1_GetPatternRequest()
        request.id = id
        request.version = version
        request.alias = alias ?? ""
        return try await getPattern(request)
    }

    func drift(
        _ versions: (from: UInt64, to: UInt64),
        _ filter: PatternFilter,
        limit: Int
    ) async throws -> Chronotope_V1_PatternDriftReply {
        var request = Chronotope_V1_PatternDriftRequest()
        request.fromVersion = versions.from
        request.toVersion = versions.to
        request.selection = Chronotope_V1_PatternSelection(filter)
        request.limit = UInt32(min(1_000, limit))
        return try await patternDrift(request)
    }
}

extension Chronotope_V1_PatternDriftReply {
    var lines: [String] {
        func entry(_ pattern: Chronotope_V1_Pattern) -> DriftText.Entry {
            DriftText.Entry(id: pattern.id, lift: pattern.lift, text: pattern.text)
        }
        return DriftText(
            versions: " from version \(fromVersion) to \(toVersion)",
            appeared: appeared.map(entry),
            vanished: vanished.map(entry),
            changed: changed.map { (entry($0.before), entry($0.after)) },
            appearedCount: Int(clamping: appearedCount),
            vanishedCount: Int(clamping: vanishedCount),
            changedCount: Int(clamping: changedCount),
            unchangedCount: Int(clamping: unchangedCount)
        ).lines
    }
}

extension Pattern {
    /// A server's pattern; what it says of items is added to `items`.
    init(_ wire: Chronotope_V1_Pattern, _ items: inout PatternItems) throws {
        guard
            let kind = PatternKind(wire.kind),
            let consequent = PatternTarget(wire.then, &items),
            let antecedent = PatternAntecedent(wire.when, &items)
        else {
            throw ProgramFailure(
                status: .refused,
                problem: "pattern \(wire.id) is of a kind that this program does not know",
                remedy: "use the release of the server"
            )
        }
        self.init(
            kind: kind,
            antecedent: antecedent,
            consequent: consequent,
            eventCount: Int(clamping: wire.events),
            userCount: Int(clamping: wire.users),
            antecedentCount: Int(clamping: wire.antecedentEvents),
            lift: wire.lift,
            zScore: wire.z,
            pValue: wire.p,
            adjustedPValue: wire.adjustedP,
            halves: [
                wire.hasFirstHalfLift ? wire.firstHalfLift.amount : nil,
                wire.hasSecondHalfLift ? wire.secondHalfLift.amount : nil,
            ],
            lag: wire.hasLag
                ? LagSummary(
                    tenthSeconds: Int(wire.lag.p10Seconds),
                    medianSeconds: Int(wire.lag.p50Seconds),
                    ninetiethSeconds: Int(wire.lag.p90Seconds),
                    histogram: wire.lag.histogram.map { Int($0) }
                ) : nil,
            rhythm: wire.hasRhythm
                ? Rhythm(meanHour: wire.rhythm.meanHour, concentration: wire.rhythm.concentration)
                : nil,
            evidence: wire.evidence.map { Int(clamping: $0) },
            learned: wire.hasLearnedLift ? LearnedLift(lift: wire.learnedLift.amount) : nil
        )
    }
}

extension PatternKind {
    fileprivate init?(_ wire: Chronotope_V1_PatternKind) {
        switch wire {
        case .association: self = .association
        case .transition: self = .transition
        case .routine: self = .routine
        case .unknown, .UNRECOGNIZED: return nil
        }
    }
}

extension PatternTarget {
    fileprivate init?(_ wire: Chronotope_V1_PatternTarget, _ items: inout PatternItems) {
        self.init(kindName: wire.kind, name: wire.name)
        guard case .item(let id) = self else { return }
        items[id] = PatternItems.Entry(
            name: wire.label,
            category: wire.category,
            place: wire.hasPlace
                ? Place(
                    latitudeDegrees: wire.place.latitude,
                    longitudeDegrees: wire.place.longitude
                ) : nil
        )
    }
}

extension PatternAntecedent {
    fileprivate init?(_ wire: Chronotope_V1_PatternAntecedent, _ items: inout PatternItems) {
        func word(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.init(
            action: word(wire.action),
            context: word(wire.context),
            segment: word(wire.segment),
            user: word(wire.user),
            withinSeconds: wire.withinSeconds == 0 ? nil : Int(wire.withinSeconds)
        )
        if wire.hasSlots {
            let text = "\(wire.slots.days) \(wire.slots.startHour)+\(wire.slots.hours)"
            guard let range = SlotRange(canonicalText: text) else { return nil }
            slots = range
        }
        if !wire.cell.isEmpty {
            guard let known = Cell(token: wire.cell) else { return nil }
            cell = known
        }
        if wire.hasAfter {
            guard let target = PatternTarget(wire.after, &items) else { return nil }
            after = target
        }
    }
}
