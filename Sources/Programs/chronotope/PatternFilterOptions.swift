import ArgumentParser
import Client
import CommandLineTools
import Events
import Patterns

/// What counts as a pattern; of patterns that are there already, which to show.
struct MiningOptions: ParsableArguments {
    @Option(help: "Fewer events are no pattern (default: 20).") var minEvents: Int?
    @Option(help: "Fewer distinct users are none, but for one user's routine (default: 10).")
    var minUsers: Int?
    @Option(help: "The share of false patterns to bear, q (default: 0.05).")
    var falseDiscoveryRate: Double?
    @Option(help: "Hours within which a next event makes a transition (default: 6).")
    var withinHours: Int?

    /// As the names of `MiningSettings(texts:)` have them.
    var texts: [String: String] {
        var texts: [String: String] = [:]
        texts["minimum-events"] = minEvents.map { "\($0)" }
        texts["minimum-users"] = minUsers.map { "\($0)" }
        texts["false-discovery-rate"] = falseDiscoveryRate.map { "\($0)" }
        texts["transition-seconds"] = withinHours.map {
            "\($0.multipliedReportingOverflow(by: 3_600).partialValue)"
        }
        return texts
    }
}

/// Which patterns to show.
struct PatternFilterOptions: ParsableArguments {
    @Option(help: "association, transition or routine.") var kind: PatternKind?
    @Option(help: "shared (of many people) or personal (one user's).")
    var scope: PatternFilter.Scope?
    @Option(help: "Routines of this user.") var user: String?
    @Option(help: "Routines of this segment.") var segment: String?
    @Option(help: "Patterns that hold then: 'friday 20', or 'friday 18-22'.") var slot: String?
    @Option(help: "Patterns in, or around, this S2 cell: a token.") var cell: String?
    @Option(
        help: ArgumentHelp(
            "Patterns around this place: in its cells, or within --radius.",
            valueName: "latitude,longitude"
        )
    )
    var near: String?
    @Option(help: ArgumentHelp("How far from --near.", valueName: "metres")) var radius: Double?
    @Option(
        help: ArgumentHelp(
            "Patterns inside these corners, in order: 'LAT,LON LAT,LON LAT,LON'.",
            valueName: "corners"
        )
    )
    var polygon: String?
    @Option(help: "Patterns from or to this category.") var category: String?
    @Option(help: "Patterns from or to this item.") var item: String?
    @Option(help: "The least lift to show.") var minLift: Double?
    @Option(help: "The least stability to show, 0 to 1.") var minStability: Double?
    @Option(help: "The largest adjusted p-value to show.") var maxP: Double?
    @Option(help: "How many to show, 1 to 10000.") var limit = 20
    @Option(help: "How many to pass over.") var offset = 0

    private static let maximumLimit = 10_000
    private static let maximumRadiusMeters = 20_000_000.0

    func checkPage() throws {
        guard (1...Self.maximumLimit).contains(limit), offset >= 0 else {
            throw ValidationError(
                "--limit must be in 1...\(Self.maximumLimit) and --offset at least 0"
            )
        }
    }

    /// - Parameter mining: what is asked of patterns that are there already; nil while they are mined.
    func filter(_ mining: MiningOptions?) throws -> PatternFilter {
        var filter = PatternFilter()
        filter.kind = kind
        filter.scope = scope
        filter.user = user
        filter.segment = segment
        filter.category = category
        filter.item = item
        filter.minimumLift = minLift
        filter.minimumStability = minStability
        filter.minimumEvents = mining?.minEvents
        filter.minimumUsers = mining?.minUsers
        filter.maximumAdjustedP = maxP
        filter.hours = try slot.map(Self.hours)
        if let cell {
            guard let known = Cell(token: cell) else {
                throw ValidationError("--cell takes an S2 token as 89c25a31, not '\(cell)'")
            }
            filter.cell = known
        }
        try addAreas(to: &filter)
        return filter
    }

    private func addAreas(to filter: inout PatternFilter) throws {
        if let near {
            let place = try Self.place(near, of: "--near")
            if let radius {
                guard radius > 0, radius <= Self.maximumRadiusMeters else {
                    throw ValidationError("--radius takes metres above 0, not \(radius)")
                }
                filter.areas.append(.circle(center: place, meters: radius))
            } else {
                filter.cell = place.cell(level: Cell.neighbourhoodLevel)
            }
        } else if radius != nil {
            throw ValidationError("--radius needs --near")
        }
        guard let polygon else { return }
        let corners = try polygon.split(separator: " ").map {
            try Self.place(String($0), of: "--polygon")
        }
        do throws(Ring.Problem) {
            filter.areas.append(.ring(try Ring(corners)))
        } catch {
            throw ValidationError("--polygon \(error.problem): \(error.remedy)")
        }
    }

    private static func place(_ text: String, of option: String) throws -> Place {
        guard
            let argument = PlaceArgument(text),
            let place = Place(
                latitudeDegrees: argument.latitudeDegrees,
                longitudeDegrees: argument.longitudeDegrees
            )
        else {
            throw ValidationError("\(option) takes LATITUDE,LONGITUDE in degrees, not '\(text)'")
        }
        return place
    }

    /// "friday 20" or "friday 18-22": hours of the week; of a range the last is left out, as in the
    /// sentences.
    private static func hours(_ text: String) throws -> ClosedRange<Int> {
        let parts = text.lowercased().split(separator: " ")
        let days = SlotRange.Days.allCases.filter { $0.indices.count == 1 }
        let hours = parts.last?.split(separator: "-").compactMap { Int($0) } ?? []
        guard
            parts.count == 2,
            let day = days.first(where: { "\($0)".hasPrefix(parts[0]) }), parts[0].count >= 3,
            let first = hours.first, (0..<24).contains(first), hours.count <= 2,
            hours.count == parts[1].split(separator: "-", omittingEmptySubsequences: false).count
        else {
            throw ValidationError(
                "--slot takes a day and an hour in 0...23 as 'friday 20' or 'friday 18-22', "
                    + "not '\(text)'"
            )
        }
        let end = hours.count == 2 ? hours[1] : first + 1
        guard end > first, end <= 24 else {
            throw ValidationError(
                "--slot '\(text)' ends before it begins: give the earlier hour first"
            )
        }
        let start = day.indices.lowerBound * 24
        return start + first...start + end - 1
    }
}

extension PatternKind: ExpressibleByArgument {}
extension PatternFilter.Scope: ExpressibleByArgument {}

extension Chronotope_V1_PatternSelection {
    /// The same selection, asked of a server.
    init(_ filter: PatternFilter) {
        self.init()
        switch filter.kind {
        case .association: kind = .association
        case .transition: kind = .transition
        case .routine: kind = .routine
        case nil: break
        }
        switch filter.scope {
        case .shared: scope = .shared
        case .personal: scope = .personal
        case nil: break
        }
        user = filter.user ?? ""
        segment = filter.segment ?? ""
        if let range = filter.hours {
            hours.first = UInt32(range.lowerBound)
            hours.last = UInt32(range.upperBound)
        }
        cell = filter.cell?.token ?? ""
        for area in filter.areas {
            switch area {
            case .circle(let center, let meters):
                within.center = Chronotope_V1_Place(center)
                within.meters = meters
            case .ring(let ring):
                polygon = ring.corners.map { Chronotope_V1_Place($0) }
            }
        }
        category = filter.category ?? ""
        item = filter.item ?? ""
        minimumLift = filter.minimumLift ?? 0
        minimumStability = filter.minimumStability ?? 0
        minimumEvents = UInt64(max(0, filter.minimumEvents ?? 0))
        minimumUsers = UInt64(max(0, filter.minimumUsers ?? 0))
        maximumAdjustedP = filter.maximumAdjustedP ?? 0
    }
}
