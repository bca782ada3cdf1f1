internal import Events
internal import Models
internal import Propagation

/// Instances of the protocol `sequence-validation`: the next item of a sequence, seen items
/// removed.
///
/// The published figures are on a validation part of 512 users, so that this protocol's `test`
/// part is that one; its `validation` part is the last training item of other users.
package struct SequenceValidation: Sendable {
    package static let name = "sequence-validation"
    /// More than the origin's 512, of which nDCG@10 is known to ± 0.013 only.
    package static let validationUserCount = 2_048

    package let task: ListTask

    /// - Parameters:
    ///   - train: one sequence of item ids a user, oldest first; users are numbered from 1.
    ///   - targets: the user's number, the whole sequence before the target, the target.
    package init(
        train: [[String]],
        targets: [(user: Int, history: [String], target: String)],
        part: EvaluationPart
    ) {
        var sequences = train
        var questions = targets
        if part == .validation {
            questions = Self.validationTargets(train, apart: Set(targets.map(\.user)))
            for question in questions { sequences[question.user - 1].removeLast() }
        }
        let users = Vocabulary(train.indices.map { String($0 + 1) })
        let items = Vocabulary(sequences.joined())
        task = ListTask(
            name: Self.name,
            part: part,
            train: EventTable(
                users: users,
                catalogue: ItemTable(items),
                actions: Vocabulary(["interaction"]),
                rows: sequences.enumerated().flatMap { position, sequence in
                    let user = users.index(of: String(position + 1)) ?? 0
                    return sequence.enumerated().compactMap { place, id in
                        items.index(of: id).map { item in
                            EventRow(user: user, item: item, instant: .inOrder(place))
                        }
                    }
                }
            ),
            instances: questions.map { question in
                let seen = question.history.enumerated().compactMap { place, id in
                    items.index(of: id).map { item in
                        UserHistory.Entry(item: item, instant: .inOrder(place))
                    }
                }
                return ListInstance(
                    user: users.index(of: String(question.user)) ?? 0,
                    history: UserHistory(seen),
                    masked: Set(seen.map(\.item)).sorted(),
                    relevant: [question.target].compactMap { items.index(of: $0) },
                    relevantCount: 1,
                    group: ""
                )
            },
            cutoffs: [1, 10],
            headline: ["recall@1", "recall@10", "ndcg@10", "mrr", "coverage@10"],
            hasTimes: false
        )
    }

    /// The last item of the sequences of users drawn from those that are not in `apart`.
    private static func validationTargets(
        _ train: [[String]],
        apart: Set<Int>
    ) -> [(user: Int, history: [String], target: String)] {
        var generator = SplitMix64(seed: EvaluationPart.cutSeed)
        let users = train.indices.map { $0 + 1 }
            .filter { !apart.contains($0) && train[$0 - 1].count >= 2 }
            .shuffled(using: &generator).prefix(validationUserCount)
        return users.sorted().map { user in
            let sequence = train[user - 1]
            return (user, Array(sequence.dropLast()), sequence[sequence.count - 1])
        }
    }

    /// Popularity; what followed the last item of the history in training, ties by popularity.
    package var baselines: [ListTask.Baseline] {
        let popularity = Popularity(task.train).counts
        let transitions = task.train.transitions
        return [
            .popularity(popularity),
            ListTask.Baseline(name: "transitions") { block in
                block.flatMap { instance in
                    var counts = [Float](repeating: 0, count: popularity.count)
                    let next = instance.history.last.flatMap { transitions[$0.item] } ?? [:]
                    for (item, count) in next { counts[Int(item)] = count }
                    return ListTask.Baseline.tieBroken(counts, by: popularity)
                }
            },
        ]
    }
}

extension Instant {
    /// An instant that tells the order alone: `place` seconds after 1970-01-01T00:00:00Z.
    ///
    /// Sessions are a week apart: far enough for no transition to lead from one to the next, and
    /// on the same day of the week at the same hour, so that no clock says anything.
    static func inOrder(_ place: Int, session: Int = 0) -> Instant {
        Instant(secondsSinceEpoch: Int64(session) * 7 * 86_400 + Int64(place))
    }
}

extension EventTable {
    /// item → the same user's next item → how often, over rows of one session.
    var transitions: [Int32: [Int32: Float]] {
        var transitions: [Int32: [Int32: Float]] = [:]
        var last = [EventRow?](repeating: nil, count: users.count)
        for row in rows {
            if let before = last[Int(row.user)], before.session == row.session {
                transitions[before.item, default: [:]][row.item, default: 0] += 1
            }
            last[Int(row.user)] = row
        }
        return transitions
    }
}
