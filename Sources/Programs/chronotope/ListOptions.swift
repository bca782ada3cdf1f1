import ArgumentParser
import Client
import CommandLineTools

/// How much of an answer's reasons to ask for.
enum ReasonLevel: String, ExpressibleByArgument, CaseIterable {
    case none, parts, evidence

    var wire: Chronotope_V1_ExplainLevel {
        switch self {
        case .none: .explainNone
        case .parts: .explainParts
        case .evidence: .explainEvidence
        }
    }
}

/// When and where to answer for.
struct MomentOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The time to answer for: \(TimeArgument.forms), or hidden. Default: now.",
            valueName: "time"
        )
    )
    var at: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Minutes east of Greenwich of the user's clock; default: as --at says it.",
            valueName: "minutes"
        )
    )
    var utcOffset: Int32?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Where the user is; default: where the user was last.",
            valueName: "lat,lon"
        )
    )
    var place: String?

    func validate() throws {
        _ = try wireTime()
        _ = try wirePlace()
    }

    /// nil: now, by the clock of the user's last event.
    func wireTime() throws -> Chronotope_V1_At? {
        var wire = Chronotope_V1_At()
        if at == "hidden" {
            wire.isHidden = true
            return wire
        }
        guard at != nil || utcOffset != nil else { return nil }
        let now = Clock.milliseconds
        guard let time = TimeArgument(at ?? "now", now: now) else {
            throw ValidationError("--at takes \(TimeArgument.forms), or hidden; not '\(at ?? "")'")
        }
        wire.instantMs = time.milliseconds
        let own = Clock.utcOffsetMinutes(at: time.milliseconds)
        wire.utcOffsetMinutes = utcOffset ?? Int32(time.utcOffsetMinutes ?? own)
        return wire
    }

    func wirePlace() throws -> Chronotope_V1_Place? {
        try place.map { try Chronotope_V1_Place(argument: $0, flag: "--place") }
    }
}

extension Chronotope_V1_Place {
    init(argument: String, flag: String) throws {
        guard let place = PlaceArgument(argument) else {
            throw ValidationError("\(flag) takes LATITUDE,LONGITUDE in degrees, not '\(argument)'")
        }
        self.init()
        latitude = place.latitudeDegrees
        longitude = place.longitudeDegrees
    }
}

/// The options that all list calls share.
struct ListOptions: ParsableArguments {
    @Option(name: .customShort("k"), help: "How many entries, 1 to 1,000.")
    var count: UInt32 = 10

    @OptionGroup var moment: MomentOptions

    @Option(help: "Only items of this category; may be repeated.")
    var category: [String] = []

    @Option(help: "Only items with this tag; may be repeated, then all of them.")
    var tag: [String] = []

    @Option(help: ArgumentHelp("Only items within this distance of --place.", valueName: "metres"))
    var radius: Double?

    @Option(help: "Leave out this item; may be repeated.")
    var exclude: [String] = []

    @Flag(help: "Answer with items too that the user has had.")
    var includeSeen = false

    @Option(help: "The version alias that answers (default: stable).")
    var alias = ""

    @Flag(help: "Show the parts of each score and what they rest on.")
    var why = false

    @Option(help: "The same by level: none, parts or evidence.")
    var explain = ReasonLevel.none

    @Option(help: "Leave out this part of the scores; may be repeated.")
    var switchOff: [String] = []

    @Option(help: "The platform that asks, as ios or web.")
    var platform = ""

    @Option(help: "The device that asks.")
    var device = ""

    func validate() throws {
        if radius != nil, moment.place == nil {
            throw ValidationError("--radius needs --place, the middle of the circle")
        }
    }

    func request(user: String = "", item: String = "") throws -> Chronotope_V1_ListRequest {
        var request = Chronotope_V1_ListRequest()
        request.user = user
        request.item = item
        request.k = count
        if let time = try moment.wireTime() { request.at = time }
        if let place = try moment.wirePlace() { request.place = place }
        if !platform.isEmpty { request.context.platform = platform }
        if !device.isEmpty { request.context.device = device }
        request.excludeItems = exclude
        request.alias = alias
        request.explain = why ? .explainEvidence : explain.wire
        request.switchedOffParts = switchOff
        let isFiltered = !category.isEmpty || !tag.isEmpty || includeSeen || radius != nil
        if isFiltered { request.filter = filter(around: request.place) }
        return request
    }

    private func filter(around center: Chronotope_V1_Place) -> Chronotope_V1_Filter {
        var filter = Chronotope_V1_Filter()
        filter.categories = category
        filter.tags = tag
        filter.includeSeen = includeSeen
        if let radius {
            filter.within.center = center
            filter.within.meters = radius
        }
        return filter
    }
}

/// A user or an item that may stand on the command line with or without its flag.
enum NamedArgument {
    static func value(_ plain: String?, _ flagged: String?, _ name: String) throws -> String {
        switch (plain, flagged) {
        case (let value?, nil), (nil, let value?): return value
        case (nil, nil): throw ValidationError("name the \(name)")
        case (.some, .some): throw ValidationError("name the \(name) once")
        }
    }
}
