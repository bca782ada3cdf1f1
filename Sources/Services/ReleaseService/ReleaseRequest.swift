internal import Events
internal import LogFollowing
internal import Messages
internal import Metadata
internal import Privacy
internal import RPC

/// A checked request for counts.
struct ReleaseRequest: Sendable {
    var settings: ReleaseSettings
    var window: ReleaseWindow?

    init(checking wire: Wire.ReleaseCountsRequest) throws(RPCError) {
        do throws(ReleaseError) {
            settings = ReleaseSettings(
                floor: Self.value(wire.floor, else: ReleaseSettings.defaultFloor),
                cellLevel: Self.value(wire.cellLevel, else: Cell.neighbourhoodLevel),
                hoursPerSlot: Self.value(wire.hoursPerSlot, else: 1),
                byCategory: wire.byCategory,
                noise: try wire.noise.map { noise throws(ReleaseError) in
                    ReleaseSettings.Noise(
                        cost: try PrivacyCost(
                            epsilon: noise.epsilon,
                            delta: noise.delta == 0 ? 1e-6 : noise.delta
                        ),
                        maximumKeysPerUser: Self.value(noise.maxKeysPerUser, else: 4),
                        maximumEventsPerKey: Self.value(noise.maxEventsPerKey, else: 2)
                    )
                }
            )
            try settings.check()
            if wire.fromMs != 0 || wire.toMs != 0 {
                window = try ReleaseWindow(
                    from: Instant(millisecondsSinceEpoch: wire.fromMs),
                    to: Instant(millisecondsSinceEpoch: wire.toMs)
                )
            }
        } catch {
            let field = String(error.place.map { $0 == "-" ? "_" : $0 })
            throw RPCError(
                .invalidArgument,
                "\(field): \(error.problem)",
                field: field == "window" ? "from_ms" : field,
                remedy: error.remedy
            )
        }
        guard settings.floor >= ReleaseSettings.defaultFloor else {
            throw RPCError(
                .invalidArgument,
                "a floor of \(settings.floor) users",
                field: "floor",
                remedy: "ask for at least \(ReleaseSettings.defaultFloor)"
            )
        }
        guard settings.noise == nil || window != nil else {
            throw RPCError(
                .invalidArgument,
                "noise without a window",
                field: "from_ms",
                remedy: "name the stretch of time: its months pay for the release"
            )
        }
    }

    private static func value(_ sent: UInt32, else standard: Int) -> Int {
        sent == 0 ? standard : Int(sent)
    }
}

/// The log's events but those of users who were forgotten; merged users are one.
struct ReleasableLog: Sendable {
    private(set) var events: [Event] = []
    private(set) var items: [Item] = []

    init(reading ingest: RPCClient) async throws(RPCError) {
        var follower = LogFollower(ingest)
        var log = (events: [Event](), items: [Item]())
        try await follower.readToEnd { changes in
            for change in changes {
                switch change {
                case .event(let event): log.events.append(event)
                case .item(let item): log.items.append(item)
                case .forget(let user): log.events.removeAll { $0.user == user }
                case .merge(let source, let target):
                    for index in log.events.indices where log.events[index].user == source {
                        log.events[index].user = target
                    }
                }
            }
        }
        (events, items) = log
    }
}

extension Wire.ReleaseCountsReply {
    /// Within a reply's frame, and a bound that a caller can plan on.
    static let maximumRows = 10_000

    init(_ released: ReleaseTable, periods: [Wire.PrivacyPeriod]) {
        var rows = released.rows
        if rows.count > Self.maximumRows {
            rows.sort { ($1.userCount, $0.cell, $0.slot) < ($0.userCount, $1.cell, $1.slot) }
            rows = Array(rows.prefix(Self.maximumRows))
            rows.sort { ($0.cell, $0.slot, $0.category) < ($1.cell, $1.slot, $1.category) }
        }
        self.init(
            rows: rows.map { row in
                Wire.ReleasedRow(
                    cell: row.cell.token,
                    slot: UInt32(row.slot),
                    category: row.category,
                    users: UInt64(row.userCount),
                    events: UInt64(row.eventCount)
                )
            },
            rowsLeftOut: UInt32(released.rows.count - rows.count),
            threshold: UInt64(released.threshold),
            periods: periods
        )
    }
}

extension Wire.PrivacyPeriod {
    init(_ period: BudgetLedger.Period) {
        self.init(
            name: period.name,
            epsilonSpent: period.spent.epsilon,
            deltaSpent: period.spent.delta,
            releases: UInt32(clamping: period.releaseCount)
        )
    }
}
