internal import Events
internal import Glibc
internal import Models
internal import Propagation
package import Training

/// The questions of a list protocol turned on its training part: what the mixture of `chronotope` is
/// learned on, so that training asks what the instances will ask.
package protocol TrainingQuestions: Sendable {
    /// At most `limit` questions, drawn at random.
    func trainingQuestions(limit: Int, seed: UInt64) -> [HeldOutQuestion]
}

extension HeldOutPurchases: TrainingQuestions {
    /// A training purchase is the answer; the user's other events, before and after it, are known,
    /// but for those at the answer itself where the data set has taken them out.
    package func trainingQuestions(limit: Int, seed: UInt64) -> [HeldOutQuestion] {
        let buy = task.train.actions.index(of: Self.buyAction).map { Int16($0) }
        let histories = task.train.histories
        var generator = SplitMix64(seed: seed)
        let purchases = task.train.rows.filter { $0.action == buy }.shuffled(using: &generator)
        return purchases.prefix(limit).compactMap { purchase in
            let entries = histories[Int(purchase.user)].entries
            let known = entries.filter { entry in
                entry.item != purchase.item || (keepsTargetViews && entry.action != buy)
            }
            guard !known.isEmpty else { return nil }
            return HeldOutQuestion(
                user: purchase.user,
                history: UserHistory(known),
                masked: Set(known.filter { $0.action == buy }.map(\.item)).sorted(),
                target: purchase.item
            )
        }
    }
}

extension SequenceValidation: TrainingQuestions {
    /// Each of the last items of a sequence is asked for after all that is before it.
    package func trainingQuestions(limit: Int, seed: UInt64) -> [HeldOutQuestion] {
        var generator = SplitMix64(seed: seed)
        let histories = task.train.histories
        let depth = (limit + histories.count - 1) / max(1, histories.count)
        var questions: [HeldOutQuestion] = []
        for (user, history) in histories.enumerated() {
            let entries = history.entries
            for place in max(1, entries.count - depth)..<max(1, entries.count) {
                let before = Array(entries[..<place])
                let known = Set(before.map(\.item))
                guard !known.contains(entries[place].item) else { continue }
                questions.append(
                    HeldOutQuestion(
                        user: Int32(user),
                        history: UserHistory(before),
                        masked: known.sorted(),
                        target: entries[place].item
                    )
                )
            }
        }
        return Array(questions.shuffled(using: &generator).prefix(limit))
    }
}

extension TimeSplit: TrainingQuestions {
    /// Of each kind, with a history and without one.
    private static let questionsPerUser = 8

    /// A good rating is the answer: after a cut at random in the user's ratings, and for nobody in
    /// particular.
    package func trainingQuestions(limit: Int, seed: UInt64) -> [HeldOutQuestion] {
        var generator = SplitMix64(seed: seed)
        var questions: [HeldOutQuestion] = []
        for (user, history) in task.train.histories.enumerated() where !history.isEmpty {
            let entries = history.entries
            for number in 0..<2 * Self.questionsPerUser {
                let isCold = number.isMultiple(of: 2)
                let cut = isCold ? 0 : Int.random(in: 0..<entries.count, using: &generator)
                let before = entries[..<cut]
                let after = entries[cut...].filter { $0.value >= Self.relevantRating }
                let known = Set(before.map(\.item))
                guard
                    isCold || cut > 0,
                    let answer = after.randomElement(using: &generator),
                    !known.contains(answer.item)
                else { continue }
                questions.append(
                    HeldOutQuestion(
                        user: Int32(user),
                        history: UserHistory(Array(before)),
                        masked: known.sorted(),
                        target: answer.item
                    )
                )
            }
        }
        return Array(questions.shuffled(using: &generator).prefix(limit))
    }
}

extension SessionLabels: TrainingQuestions {
    /// The last item of a session is asked for, after the rest of it and some sessions before it:
    /// none to all, few as often as many (uniform in the logarithm).
    package func trainingQuestions(limit: Int, seed: UInt64) -> [HeldOutQuestion] {
        var generator = SplitMix64(seed: seed)
        var questions: [HeldOutQuestion] = []
        for (user, history) in task.train.histories.enumerated() {
            let entries = history.entries
            var starts: [Int] = []
            for index in entries.indices {
                let gap =
                    index == 0
                    ? 0 : entries[index].instant.seconds(since: entries[index - 1].instant)
                if index == 0 || gap > LiveStatistics.maxTransitionSeconds { starts.append(index) }
            }
            for session in starts.indices {
                let end = session + 1 < starts.count ? starts[session + 1] : entries.count
                guard end - starts[session] >= 2 else { continue }
                let share = Double.random(in: 0..<1, using: &generator)
                let before = Int(pow(Double(session + 1), share)) - 1
                questions.append(
                    HeldOutQuestion(
                        user: Int32(user),
                        history: UserHistory(Array(entries[starts[session - before]..<end - 1])),
                        masked: [],
                        target: entries[end - 1].item
                    )
                )
            }
        }
        return Array(questions.shuffled(using: &generator).prefix(limit))
    }
}
