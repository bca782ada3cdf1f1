package import Events

/// One next-place question with its answer.
package struct NextPlaceInstance: Sendable {
    package var user: Int32
    /// Index into the items of the training part; −1 where it lacks the target, which always
    /// counts as missed.
    package var target: Int32
    /// When the target happened; models see it only where the protocol gives it.
    package var instant: Instant
    package var utcOffsetMinutes: Int16
    /// The trajectory before the target, oldest first, at items of the training part.
    package var prefix: [EventRow]
    /// How many rows of all parts together, in time order, are earlier than the target.
    package var openCount: Int
    /// Whether the user was at the target in the training part; a discovery otherwise.
    package var isReturn: Bool
}

/// A next-place protocol: the items to rank and the questions.
package struct NextPlaceProtocol: Sendable {
    package enum Name: String, CaseIterable, Sendable {
        case getnext = "next-place-getnext"
        case sthgcn = "next-place-sthgcn"
        case sthgcnTimed = "next-place-sthgcn-timed"
        case pairs = "next-place-pairs"

        /// Whether the model is told when the target happened.
        package var isTimeGiven: Bool { self == .sthgcnTimed }
    }

    package typealias Part = EvaluationPart

    package let name: Name
    /// Over the items of the training part.
    package let data: NextPlaceData
    /// In order of their targets' instants.
    package var instances: [NextPlaceInstance]

    package init(_ name: Name, _ data: NextPlaceData, part: Part = .test) {
        self.name = name
        self.data = data.restrictedToTrainItems()
        switch name {
        case .getnext: instances = Self.getnextInstances(data, self.data, part)
        case .sthgcn, .sthgcnTimed: instances = Self.sthgcnInstances(data, self.data, part)
        case .pairs: instances = Self.pairInstances(data, self.data, part)
        }
    }

    /// Each trajectory inside the evaluated part alone; at users and items of the training part; at
    /// least three check-ins, of which the last is the target.
    private static func getnextInstances(
        _ all: NextPlaceData,
        _ restricted: NextPlaceData,
        _ part: Part
    ) -> [NextPlaceInstance] {
        let rows = part == .test ? restricted.test : restricted.validation
        let users = Set(all.train.map(\.user))
        let trajectories = trajectories(of: rows).filter { trajectory in
            trajectory.count >= 3 && users.contains(trajectory[0].user)
        }
        return instances(of: trajectories, in: restricted)
    }

    /// Last check-ins of trajectories over all parts, where they fall in the evaluated part, are
    /// not the first too, and are at a user and an item of the training samples: every training
    /// check-in but the first of each trajectory.
    private static func sthgcnInstances(
        _ all: NextPlaceData,
        _ restricted: NextPlaceData,
        _ part: Part
    ) -> [NextPlaceInstance] {
        let bounds = partBounds(of: all, part)
        let samples = trainingSamples(all)
        let users = Set(samples.map(\.user))
        let items = Set(samples.map { all.catalogue.items.ids[Int($0.item)] })
        var kept: [Int32: EventRow] = [:]
        for trajectory in trajectories(of: all.joined) {
            guard
                trajectory.count >= 2, let last = trajectory.last,
                bounds.contains(last.instant),
                users.contains(last.user),
                items.contains(all.catalogue.items.ids[Int(last.item)])
            else { continue }
            kept[last.session] = last
        }
        let trajectories = trajectories(of: restricted.joined).filter { trajectory in
            kept[trajectory[0].session] != nil
        }
        return instances(of: trajectories, in: restricted)
    }

    /// Every consecutive pair of a user's rows in the evaluated part: the second is the target, at
    /// whatever item; all that the user did in that part before it is the prefix.
    private static func pairInstances(
        _ all: NextPlaceData,
        _ restricted: NextPlaceData,
        _ part: Part
    ) -> [NextPlaceInstance] {
        let items = all.catalogue.items.ids.map { id in
            restricted.catalogue.items.index(of: id) ?? -1
        }
        var byUser = [[EventRow]](repeating: [], count: all.users.count)
        for row in part == .test ? all.test : all.validation {
            var row = row
            row.item = items[Int(row.item)]
            byUser[Int(row.user)].append(row)
        }
        return instances(
            of: byUser.flatMap { rows in rows.indices.dropFirst().map { Array(rows[...$0]) } },
            in: restricted
        )
    }

    /// The rows of the training part that are not the first of their trajectory.
    private static func trainingSamples(_ data: NextPlaceData) -> [EventRow] {
        var begun: Set<Int32> = []
        return data.train.filter { !begun.insert($0.session).inserted }
    }

    /// The span of time of a part. Parts are cut by time, so that an instant tells the part.
    private static func partBounds(of data: NextPlaceData, _ part: Part) -> Range<Instant> {
        let end = Instant.accepted.upperBound
        let testStart = data.test.first?.instant ?? end
        if part == .test { return testStart..<end }
        return min(data.validationStart ?? testStart, testStart)..<testStart
    }

    /// By session, in order of first appearance; rows in time order.
    private static func trajectories(of rows: [EventRow]) -> [[EventRow]] {
        var order: [Int32: Int] = [:]
        var trajectories: [[EventRow]] = []
        for row in rows {
            if let index = order[row.session] {
                trajectories[index].append(row)
            } else {
                order[row.session] = trajectories.count
                trajectories.append([row])
            }
        }
        return trajectories
    }

    private static func instances(
        of trajectories: [[EventRow]],
        in data: NextPlaceData
    ) -> [NextPlaceInstance] {
        let rows = data.joined
        let visits = Set(data.train.map(visitKey))
        let instances = trajectories.compactMap { trajectory -> NextPlaceInstance? in
            guard let target = trajectory.last else { return nil }
            return NextPlaceInstance(
                user: target.user,
                target: target.item,
                instant: target.instant,
                utcOffsetMinutes: target.utcOffsetMinutes,
                prefix: trajectory.dropLast().filter { row in
                    row.item >= 0 && row.instant < target.instant
                },
                openCount: count(of: rows, before: target.instant),
                isReturn: target.item >= 0 && visits.contains(visitKey(target))
            )
        }
        return instances.sorted { ($0.instant, $0.user) < ($1.instant, $1.user) }
    }

    private static func visitKey(_ row: EventRow) -> Int64 {
        Int64(row.user) << 32 | Int64(row.item)
    }

    /// Rows, ascending by instant, that are earlier.
    private static func count(of rows: [EventRow], before instant: Instant) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].instant < instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
