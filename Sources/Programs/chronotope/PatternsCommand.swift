import ArgumentParser
import CommandLineTools
import Evaluation
import Events
import Foundation
import PatternFiles
import Patterns
import Workers

/// `chronotope patterns`: how behaviour hangs together in time and place, in sentences.
struct PatternsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patterns",
        abstract: "Mine patterns from events, or list those of a file.",
        discussion: """
            Examples:
              chronotope patterns checkins.csv.xz --kind association --slot 'saturday 20'
              chronotope patterns checkins.csv.xz --out patterns.jsonl
              chronotope patterns --from patterns.jsonl --category 'Coffee Shop' -o json
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

    @Option(
        help: ArgumentHelp("Write all patterns here, one JSON object a line.", valueName: "file")
    )
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Train this family on the events too, and say what it makes of the patterns.",
            valueName: "family"
        )
    )
    var learnedBy: String?

    @Flag(help: "Leave out what is about fewer than --release-floor users, and all examples.")
    var release = false

    @Option(help: "Distinct users of a released pattern; with --release.")
    var releaseFloor = 20

    @Option(help: "Threads to mine with.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @OptionGroup var filter: PatternFilterOptions
    @OptionGroup var mining: MiningOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (events == nil) != (from == nil) else {
            throw ValidationError("name a file of events, or one of patterns with --from")
        }
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
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
        _ = try filter.filter()
        try filter.checkPage()
    }

    func run() async throws {
        var found = try await patterns()
        if release {
            found.file.patterns = found.file.patterns.compactMap {
                $0.released(floor: releaseFloor)
            }
        }
        if let out { try PatternsOnDisk.write(found.file, words: found.words, to: out) }
        if let since {
            let before = try PatternsOnDisk.read(since).patterns
            let drift = PatternDrift(from: before, to: found.file.patterns)
            return try drift.show(found.words, filter, options.output)
        }
        let filter = try filter.filter()
        let accepted = found.file.patterns.filter {
            filter.accepts($0, catalogue: found.catalogue)
        }
        let page = PatternPage(
            patterns: Array(accepted.dropFirst(self.filter.offset).prefix(self.filter.limit)),
            acceptedCount: accepted.count,
            offset: self.filter.offset,
            summary: found.file.summary
        )
        switch options.output {
        case .json: try page.json(found.words).print()
        case .table: page.lines(found.words).forEach { print($0) }
        }
    }

    private struct Found {
        var file: PatternFile
        var words: PatternWords
        var catalogue: ItemTable?
    }

    private func patterns() async throws -> Found {
        if let from {
            let none = ItemTable(
                items: Vocabulary([]),
                categories: Vocabulary([]),
                category: [],
                place: []
            )
            return Found(file: try PatternsOnDisk.read(from), words: PatternWords(none))
        }
        StandardError.progress("reading")
        let source = try EventSource(path: events ?? "", mapping: mapping)
        let pool = WorkerPool(name: "patterns", threadCount: threads, queueLimit: 1)
        let settings = mining.settings
        let table = source.table
        let mined = try await pool.run {
            try PatternMiner.mine(MiningInput(table), settings: settings, on: pool) { progress in
                StandardError.progress(
                    "\(progress.finishedStages + 1) of \(progress.stageCount): \(progress.stage)"
                )
                return true
            }
        }
        var file = PatternFile(mined)
        if let family = learnedBy {
            let patterns = file.patterns
            file.patterns = try await pool.run {
                try Self.asked(family, of: patterns, table: table, settings: settings, on: pool)
            }
        }
        return Found(
            file: file,
            words: PatternWords(table.catalogue, names: source.names),
            catalogue: table.catalogue
        )
    }
}

extension PatternsCommand {
    /// The patterns with what a model of `family`, trained on the whole table, makes of them.
    private static func asked(
        _ family: String,
        of patterns: [Pattern],
        table: EventTable,
        settings: MiningSettings,
        on pool: WorkerPool
    ) throws -> [Pattern] {
        StandardError.progress("training \(family)")
        let request = EvaluationRequest(
            folder: "",
            model: family,
            part: .test,
            seeds: [1],
            settings: [:],
            pool: pool
        )
        let model = try ModelFitting.fit(request, seed: 1, to: table)
        StandardError.progress("asking \(family)")
        return LearnedLifts(
            MiningInput(table),
            model: try RecommenderBehaviour(model, table: table),
            settings: settings,
            on: pool
        ).added(to: patterns)
    }
}

/// What counts as a pattern.
struct MiningOptions: ParsableArguments {
    @Option(help: "Fewer events are no pattern.") var minEvents = 20
    @Option(help: "Fewer distinct users are none, but for one user's routine.") var minUsers = 10
    @Option(help: "The share of false patterns to bear, q.") var falseDiscoveryRate = 0.05
    @Option(help: "Hours within which a next event makes a transition.") var withinHours = 6

    var settings: MiningSettings {
        MiningSettings(
            minimumEvents: minEvents,
            minimumUsers: minUsers,
            falseDiscoveryRate: falseDiscoveryRate,
            transitionSeconds: withinHours.multipliedReportingOverflow(by: 3_600).partialValue
        )
    }
}

/// Which patterns to show.
struct PatternFilterOptions: ParsableArguments {
    @Option(help: "association, transition or routine.") var kind: PatternKind?
    @Option(help: "shared (of many people) or personal (one user's).")
    var scope: PatternFilter.Scope?
    @Option(help: "Routines of this user.") var user: String?
    @Option(help: "Routines of this segment.") var segment: String?
    @Option(help: "Patterns that hold at this hour: 'friday 20'.") var slot: String?
    @Option(help: "Patterns in, or around, this S2 cell: a token.") var cell: String?
    @Option(
        help: ArgumentHelp(
            "Patterns in the cells around this place.",
            valueName: "latitude,longitude"
        )
    )
    var near: String?
    @Option(help: "Patterns from or to this category.") var category: String?
    @Option(help: "The least lift to show.") var minLift: Double?
    @Option(help: "The least stability to show, 0 to 1.") var minStability: Double?
    @Option(help: "How many to show, 1 to 10000.") var limit = 20
    @Option(help: "How many to pass over.") var offset = 0

    private static let maximumLimit = 10_000

    func checkPage() throws {
        guard (1...Self.maximumLimit).contains(limit), offset >= 0 else {
            throw ValidationError(
                "--limit must be in 1...\(Self.maximumLimit) and --offset at least 0"
            )
        }
    }

    func filter() throws -> PatternFilter {
        var filter = PatternFilter()
        filter.kind = kind
        filter.scope = scope
        filter.user = user
        filter.segment = segment
        filter.category = category
        filter.minimumLift = minLift
        filter.minimumStability = minStability
        filter.slot = try slot.map(Self.slot)
        if let cell {
            guard let known = Cell(token: cell) else {
                throw ValidationError("--cell takes an S2 token as 89c25a31, not '\(cell)'")
            }
            filter.cell = known
        }
        if let near {
            guard
                let argument = PlaceArgument(near),
                let place = Place(
                    latitudeDegrees: argument.latitudeDegrees,
                    longitudeDegrees: argument.longitudeDegrees
                )
            else {
                throw ValidationError("--near takes LATITUDE,LONGITUDE in degrees, not '\(near)'")
            }
            filter.cell = place.cell(level: Cell.neighbourhoodLevel)
        }
        return filter
    }

    /// "friday 20": that hour of the week.
    private static func slot(_ text: String) throws -> TimeSlot {
        let parts = text.lowercased().split(separator: " ")
        let days = SlotRange.Days.allCases.filter { $0.indices.count == 1 }
        guard
            parts.count == 2,
            let day = days.first(where: { "\($0)".hasPrefix(parts[0]) }), parts[0].count >= 3,
            let hour = Int(parts[1]), (0..<24).contains(hour)
        else {
            throw ValidationError(
                "--slot takes a day and an hour in 0...23 as 'friday 20', not '\(text)'"
            )
        }
        return TimeSlot(hourOfWeek: day.indices.lowerBound * 24 + hour)
    }
}

extension PatternKind: ExpressibleByArgument {}
extension PatternFilter.Scope: ExpressibleByArgument {}
