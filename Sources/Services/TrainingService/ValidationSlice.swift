internal import Evaluation
internal import Events
internal import Metadata
internal import Models
internal import Workers

/// The last part of the data in time, on which a model must beat the baselines: next item with the
/// time given, every earlier event known (protocol `next-place-sthgcn-timed` on the cut).
struct ValidationSlice {
    /// Of all events, in time.
    static let share = 0.1
    /// More targets change the third digit and cost minutes.
    static let maxTargets = 2_000

    let place: NextPlaceProtocol

    /// Cuts `table`; sessions must be numbered.
    ///
    /// - Parameter end: nothing up to here is in the slice.
    init(_ table: EventTable, after end: Instant? = nil) {
        var cut = Int(Double(table.rows.count) * (1 - Self.share))
        if let end {
            while cut < table.rows.count, table.rows[cut].instant <= end { cut += 1 }
        }
        let instant = cut < table.rows.count ? table.rows[cut].instant : nil
        let isEarly = { (row: EventRow) in instant.map { row.instant < $0 } ?? true }
        var place = NextPlaceProtocol(
            .sthgcnTimed,
            NextPlaceData(
                users: table.users,
                catalogue: table.catalogue,
                actions: table.actions,
                train: table.rows.filter(isEarly),
                validation: [],
                test: table.rows.filter { !isEarly($0) }
            )
        )
        let stride = max(1, (place.instances.count + Self.maxTargets - 1) / Self.maxTargets)
        place.instances = place.instances.enumerated()
            .filter { $0.offset % stride == 0 }.map(\.element)
        self.place = place
    }

    var trainingTable: EventTable { place.data.trainingTable }
    var isEmpty: Bool { place.instances.isEmpty }

    func metrics(of model: any RecommenderModel, on pool: WorkerPool) -> [RunRecord.Metric] {
        place.ranks(of: model, history: .open, on: pool).metrics.records
    }

    func baselines(on pool: WorkerPool) -> [RunRecord.Baseline] {
        let baselines = NextPlaceBaselines(place)
        return NextPlaceBaselines.Name.allCases.map { name in
            RunRecord.Baseline(
                name: name.rawValue,
                metrics: baselines.ranks(of: name, on: pool).metrics.records
            )
        }
    }
}

extension EvaluationReport.Metrics {
    fileprivate var records: [RunRecord.Metric] {
        map { RunRecord.Metric(name: $0.name, value: $0.value) }
    }
}

extension EventTable {
    /// The same table with sessions numbered: a gap of more than a day starts a new one.
    func withSessions() -> EventTable {
        var table = self
        var last: [Int32: (session: Int32, instant: Instant)] = [:]
        var next: Int32 = 0
        for index in table.rows.indices {
            let row = table.rows[index]
            var session = next
            if let known = last[row.user],
                row.instant.seconds(since: known.instant) <= LiveStatistics.maxTransitionSeconds
            {
                session = known.session
            } else {
                next += 1
            }
            table.rows[index].session = session
            last[row.user] = (session, row.instant)
        }
        return table
    }
}
