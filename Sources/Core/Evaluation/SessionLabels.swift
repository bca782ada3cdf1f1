package import Events
internal import Models

/// Instances of the protocol `session-labels`: all sessions of a user's part in, the item that
/// follows them out. Nothing is masked.
///
/// Training is the training sessions with their labels. The validation part is the training part's
/// own labels, with training on its sessions alone.
package struct SessionLabels: Sendable {
    package static let name = "session-labels"

    /// The sessions of one user and the item after them.
    package struct User: Hashable, Sendable {
        package var user: String
        /// Item ids, oldest first.
        package var sessions: [[String]]
        package var label: String

        package init(user: String, sessions: [[String]], label: String) {
            self.user = user
            self.sessions = sessions
            self.label = label
        }
    }

    package let task: ListTask
    /// Training events that are labels, by item; of the test part the training labels.
    private let labelCounts: [Float]
    /// Last item before a label → label → how often.
    private let labelsAfter: [Int32: [Int32: Float]]

    /// - Parameters:
    ///   - places: by item id; empty where unknown.
    package init(
        train: [User],
        test: [User],
        places: [String: Place],
        part: EvaluationPart
    ) {
        let users = Vocabulary(train.map(\.user) + test.map(\.user))
        let hasLabels = part == .test
        let visited = train.flatMap { $0.sessions.flatMap { $0 } + (hasLabels ? [$0.label] : []) }
        let items = Vocabulary(visited)
        var session: Int32 = 0
        var rows: [EventRow] = []
        var labelCounts = [Float](repeating: 0, count: items.count)
        var labelsAfter: [Int32: [Int32: Float]] = [:]
        for own in train {
            guard let user = users.index(of: own.user) else { continue }
            var sessions = own.sessions
            if hasLabels, !sessions.isEmpty { sessions[sessions.count - 1].append(own.label) }
            rows += Self.rows(of: sessions, user: user, items: items, firstSession: &session)
            guard
                hasLabels, let label = items.index(of: own.label),
                let last = own.sessions.last?.last.flatMap({ items.index(of: $0) })
            else { continue }
            labelCounts[Int(label)] += 1
            labelsAfter[last, default: [:]][label, default: 0] += 1
        }
        self.labelCounts = labelCounts
        self.labelsAfter = labelsAfter
        let table = EventTable(
            users: users,
            catalogue: ItemTable(
                items: items,
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: items.count),
                place: items.ids.map { places[$0] }
            ),
            actions: Vocabulary(["checkin"]),
            rows: rows
        )
        task = ListTask(
            name: Self.name,
            part: part,
            train: table,
            instances: (part == .test ? test : train).compactMap { own in
                guard let user = users.index(of: own.user) else { return nil }
                return Self.instance(own, user: user, items: items)
            },
            cutoffs: [5, 10],
            headline: ["recall@5", "recall@10", "ndcg@5", "ndcg@10", "mrr"],
            hasTimes: false
        )
    }

    private static func rows(
        of sessions: [[String]],
        user: Int32,
        items: Vocabulary,
        firstSession: inout Int32
    ) -> [EventRow] {
        var rows: [EventRow] = []
        for (number, session) in sessions.enumerated() {
            for (place, id) in session.enumerated() {
                guard let item = items.index(of: id) else { continue }
                rows.append(
                    EventRow(
                        user: user,
                        item: item,
                        instant: .inOrder(place, session: number),
                        session: firstSession
                    )
                )
            }
            firstSession += 1
        }
        return rows
    }

    private static func instance(
        _ own: User,
        user: Int32,
        items: Vocabulary
    ) -> ListInstance {
        var session: Int32 = 0
        let rows = rows(of: own.sessions, user: user, items: items, firstSession: &session)
        let target = items.index(of: own.label)
        let isReturn = own.sessions.contains { $0.contains(own.label) }
        return ListInstance(
            user: user,
            history: UserHistory(
                rows.map { UserHistory.Entry(item: $0.item, instant: $0.instant) }
            ),
            masked: [],
            relevant: target.map { [$0] } ?? [],
            relevantCount: 1,
            group: target == nil ? "unseen" : isReturn ? "returns" : "discoveries"
        )
    }

    /// Popularity of visits and of labels; labels by the item before them, ties by the labels'
    /// popularity; the user's own visits, ties by popularity, and with everybody's transitions.
    package var baselines: [ListTask.Baseline] {
        let visits = Popularity(task.train).counts
        let (labels, labelsAfter) = (labelCounts, labelsAfter)
        let transitions = task.train.transitions
        return [
            .popularity(visits),
            .popularity(labels, name: "label-popularity"),
            ListTask.Baseline(name: "label-after-item") { block in
                block.flatMap { instance in
                    var counts = [Float](repeating: 0, count: labels.count)
                    let after = instance.history.last.flatMap { labelsAfter[$0.item] } ?? [:]
                    for (item, count) in after { counts[Int(item)] = count }
                    return ListTask.Baseline.tieBroken(counts, by: labels)
                }
            },
            ListTask.Baseline(name: "count") { block in
                block.flatMap { instance in
                    ListTask.Baseline.tieBroken(Self.ownCounts(instance, visits.count), by: visits)
                }
            },
            ListTask.Baseline(name: "count-markov") { block in
                block.flatMap { instance in
                    Self.markovScores(instance, visits, transitions)
                }
            },
        ]
    }

    private static func ownCounts(_ instance: ListInstance, _ itemCount: Int) -> [Float] {
        var counts = [Float](repeating: 0, count: itemCount)
        for entry in instance.history.entries { counts[Int(entry.item)] += 1 }
        return counts
    }

    /// As in the next-place protocols, own transitions being those of the sessions asked about:
    /// the counts over their sum + 2 c / (z + 2) + 0.3 c / (z + 5) + 10⁻⁶ · popularity's share.
    private static func markovScores(
        _ instance: ListInstance,
        _ visits: [Float],
        _ transitions: [Int32: [Int32: Float]]
    ) -> [Float] {
        let counts = ownCounts(instance, visits.count)
        let sum = max(1, counts.reduce(0, +))
        let total = max(1, visits.max() ?? 1)
        var scores = visits.indices.map { counts[$0] / sum + 1e-6 * visits[$0] / total }
        guard let last = instance.history.last?.item else { return scores }
        var own: [Int32: Float] = [:]
        let entries = instance.history.entries
        for (before, after) in zip(entries, entries.dropFirst()) where before.item == last {
            own[after.item, default: 0] += 1
        }
        let everyone = transitions[last] ?? [:]
        let ownTotal = own.values.reduce(0, +)
        let everyoneTotal = everyone.values.reduce(0, +)
        for (item, count) in own { scores[Int(item)] += 2 * count / (ownTotal + 2) }
        for (item, count) in everyone { scores[Int(item)] += 0.3 * count / (everyoneTotal + 5) }
        return scores
    }
}
