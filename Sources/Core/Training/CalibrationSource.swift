internal import Events
internal import Models

/// Where the examples of a block come from, one target after the other.
protocol CalibrationSource: Sendable {
    /// How many targets there are.
    var count: Int { get }

    /// The examples of one target, one for each head; targets are asked for in ascending order.
    mutating func examples(at place: Int) -> [ChronotopeExample]
}

/// Targets in time order, each seen through everything that happened before it: with the time given
/// and with the time hidden.
struct ReplaySource: CalibrationSource {
    var replay: EventReplay
    let rows: [EventRow]
    /// Row numbers, ascending.
    let targets: [Int]
    let embeddings: ChronotopeEmbeddings
    let behaviours: ChronotopeBehaviours
    /// Whether what already had a target action of the user may be the answer.
    let hasRepeats: Bool

    var count: Int { targets.count }

    mutating func examples(at place: Int) -> [ChronotopeExample] {
        let row = rows[targets[place]]
        replay.advance(to: row.instant, in: rows)
        let masked = hasRepeats ? [] : bought(by: row.user)
        return [true, false].map { isTimeGiven in
            ChronotopeExample(
                replay.question(before: row, isTimeGiven: isTimeGiven),
                target: row.item,
                masked: masked,
                statistics: replay.statistics,
                embeddings: embeddings,
                behaviours: behaviours
            )
        }
    }

    private func bought(by user: Int32) -> [Int32] {
        let entries = replay.histories[Int(user)].entries
        return Set(entries.filter { behaviours.isTarget($0.action) }.map(\.item)).sorted()
    }
}

/// Questions with their answers, each seen through the events of other users than the asker's fold.
struct HeldOutSource: CalibrationSource {
    /// What a fold's questions are seen through.
    struct Fold: Sendable {
        var statistics: LiveStatistics
        var embeddings: ChronotopeEmbeddings
    }

    let questions: [HeldOutQuestion]
    let folds: [Fold]
    let behaviours: ChronotopeBehaviours

    var count: Int { questions.count }

    mutating func examples(at place: Int) -> [ChronotopeExample] {
        let question = questions[place]
        let fold = folds[question.fold(of: folds.count)]
        return [
            ChronotopeExample(
                Question(history: question.history),
                target: question.target,
                masked: question.masked,
                statistics: fold.statistics,
                embeddings: fold.embeddings,
                behaviours: behaviours
            )
        ]
    }
}
