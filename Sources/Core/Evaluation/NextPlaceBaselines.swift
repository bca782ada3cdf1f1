internal import Events
package import Workers

/// The baselines of the next-place protocols, in float64: counts of the training part.
package struct NextPlaceBaselines: Sendable {
    package enum Name: String, CaseIterable, Sendable {
        case popularity
        case byHour = "popularity-by-hour"
        case byCell = "popularity-by-cell"
        case count
        case countMarkov = "count-markov"
    }

    private let place: NextPlaceProtocol
    private let itemCount: Int
    /// Training check-ins by item.
    private var popularity: [Double]
    /// By local hour of the day and item, [24][items].
    private var byHour: [[Double]]
    private let cells: [Cell?]
    /// By user: item → training check-ins.
    private var visits: [[Int32: Double]]
    /// By user: last item → next item → transitions in the training part; and of everybody.
    private var ownTransitions: [[Int32: [Int32: Double]]]
    private var transitions: [Int32: [Int32: Double]]

    package init(_ place: NextPlaceProtocol) {
        self.place = place
        let data = place.data
        itemCount = data.catalogue.items.count
        popularity = Array(repeating: 0, count: itemCount)
        byHour = Array(repeating: Array(repeating: 0, count: itemCount), count: 24)
        cells = data.catalogue.place.map { $0?.cell(level: Cell.neighbourhoodLevel) }
        visits = Array(repeating: [:], count: data.users.count)
        ownTransitions = Array(repeating: [:], count: data.users.count)
        transitions = [:]
        var lastOfTrajectory: [Int32: Int32] = [:]
        for row in data.train {
            popularity[Int(row.item)] += 1
            byHour[Self.hour(of: row)][Int(row.item)] += 1
            visits[Int(row.user)][row.item, default: 0] += 1
            if let last = lastOfTrajectory[row.session] {
                ownTransitions[Int(row.user)][last, default: [:]][row.item, default: 0] += 1
                transitions[last, default: [:]][row.item, default: 0] += 1
            }
            lastOfTrajectory[row.session] = row.item
        }
    }

    /// The ranks of all targets by one baseline, in the order of the instances.
    package func ranks(of name: Name, on pool: WorkerPool) -> NextPlaceMetrics {
        NextPlaceMetrics(ranks: answers(of: name, near: nil, on: pool).ranks)
    }

    /// Ranks, lists and distances of all targets by one baseline.
    package func answers(
        of name: Name,
        near: NearItems?,
        on pool: WorkerPool
    ) -> NextPlaceAnswers {
        let answers = pool.mapBlocks(place.instances.count) { index in
            let instance = place.instances[index]
            let scores = scores(name, for: instance)
            return NextPlaceAnswers.Answer(scores, target: instance.target, near: near)
        }
        return NextPlaceAnswers(answers)
    }

    /// Shape [items].
    func scores(_ name: Name, for instance: NextPlaceInstance) -> [Double] {
        switch name {
        case .popularity: return popularity
        case .byHour: return hourScores(for: instance)
        case .byCell: return cellScores(for: instance)
        case .count: return countScores(for: instance)
        case .countMarkov: return markovScores(for: instance)
        }
    }

    /// Training check-ins in the hour of the target where it is given, else of the prefix's last,
    /// + 10⁻⁶ · popularity.
    private func hourScores(for instance: NextPlaceInstance) -> [Double] {
        var hour: Int?
        if place.name.isTimeGiven {
            hour =
                TimeSlot(
                    instance.instant,
                    utcOffsetMinutes: Int(instance.utcOffsetMinutes)
                ).hourOfDay
        } else if let last = instance.prefix.last {
            hour = Self.hour(of: last)
        }
        guard let hour else { return popularity }
        return (0..<itemCount).map { byHour[hour][$0] + 1e-6 * popularity[$0] }
    }

    /// Training check-ins of the items in the cell of the prefix's last item, + 10⁻⁶ · popularity.
    private func cellScores(for instance: NextPlaceInstance) -> [Double] {
        guard let last = instance.prefix.last, let cell = cells[Int(last.item)] else {
            return popularity
        }
        return (0..<itemCount).map { item in
            (cells[item] == cell ? popularity[item] : 0) + 1e-6 * popularity[item]
        }
    }

    /// The user's check-ins in training and in the prefix + 10⁻⁶ · popularity.
    private func countScores(for instance: NextPlaceInstance) -> [Double] {
        var counts = [Double](repeating: 0, count: itemCount)
        for (item, count) in visits[Int(instance.user)] { counts[Int(item)] = count }
        for row in instance.prefix { counts[Int(row.item)] += 1 }
        for item in 0..<itemCount { counts[item] += 1e-6 * popularity[item] }
        return counts
    }

    /// The counts over their sum + 2 c / (z + 2) for the user's c of z transitions from the
    /// prefix's last item + 0.3 c / (z + 5) for everybody's.
    private func markovScores(for instance: NextPlaceInstance) -> [Double] {
        var scores = countScores(for: instance)
        let sum = scores.reduce(0, +)
        for item in 0..<itemCount { scores[item] /= sum }
        guard let last = instance.prefix.last?.item else { return scores }
        let own = ownTransitions[Int(instance.user)][last] ?? [:]
        let everyone = transitions[last] ?? [:]
        let ownTotal = own.values.reduce(0, +)
        let total = everyone.values.reduce(0, +)
        for (item, count) in own { scores[Int(item)] += 2 * count / (ownTotal + 2) }
        for (item, count) in everyone { scores[Int(item)] += 0.3 * count / (total + 5) }
        return scores
    }

    private static func hour(of row: EventRow) -> Int {
        TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes)).hourOfDay
    }
}
