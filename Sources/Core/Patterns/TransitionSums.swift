/// The sums over users behind the tests of one first label, for each second label and context.
struct TransitionSums {
    struct Sum {
        var observed = 0.0
        var expected = 0.0
        var own = 0.0
        /// Weighted by 1/√(1 + V) of each user: a few with many steps would drown the others.
        var differences = 0.0
        var squares = 0.0
        var variance = 0.0
        var users = 0.0

        func zScore(leastLift: Double) -> Double {
            differences / max(leastLift * variance, squares).squareRoot()
        }

        var lift: Double {
            ConditionSums.Sum.lift(observed: observed, expected: expected, own: own)
        }
    }
    typealias Contexts = (all: Int, part: Int, cell: Int)

    /// Number → what `TransitionScan.Test.context` says.
    private var names: [Int]
    /// By what it says, −1 where the context has too few steps.
    private var numberOfPart: [Int]
    private var numberOfCell: [Int: Int]
    private let leastLift: Double
    /// Shape [labels, contexts].
    private var sums: [Sum]
    /// The current user's.
    private var observed: [Double]
    private var expected: [Double]
    private var variance: [Double]
    private var met: [Int] = []

    init(_ steps: [TransitionScan.Step], labelCount: Int, _ settings: MiningSettings) {
        var parts = [Int](repeating: 0, count: TransitionScan.firstCell)
        var cells: [Int: Int] = [:]
        for step in steps {
            parts[step.context.part] += 1
            if step.context.cell >= 0 { cells[step.context.cell, default: 0] += 1 }
        }
        names = [0]
        numberOfPart = [Int](repeating: -1, count: TransitionScan.firstCell)
        numberOfCell = [:]
        for part in parts.indices where parts[part] >= settings.minimumEvents {
            numberOfPart[part] = names.count
            names.append(part)
        }
        for cell in cells.keys.sorted() where cells[cell, default: 0] >= settings.minimumEvents {
            numberOfCell[cell] = names.count
            names.append(TransitionScan.firstCell + cell)
        }
        leastLift = settings.leastLift
        sums = [Sum](repeating: Sum(), count: labelCount * names.count)
        observed = [Double](repeating: 0, count: sums.count)
        expected = observed
        variance = observed
    }

    var contextCount: Int { names.count }
    func name(ofContext context: Int) -> Int { names[context] }

    /// The numbers of the contexts that hold the step.
    func contexts(of step: TransitionScan.Step) -> Contexts {
        (0, numberOfPart[step.context.part], numberOfCell[step.context.cell] ?? -1)
    }

    /// Notes that the current user's step led to the label.
    mutating func meet(_ slot: Int, _ contexts: Contexts) {
        note(slot, contexts.all, observed: 1, expected: 0)
        if contexts.part >= 0 { note(slot, contexts.part, observed: 1, expected: 0) }
        if contexts.cell >= 0 { note(slot, contexts.cell, observed: 1, expected: 0) }
    }

    /// Notes the probability of the label as the end of the current user's step.
    mutating func expect(_ slot: Int, _ contexts: Contexts, _ probability: Double) {
        note(slot, contexts.all, observed: 0, expected: probability)
        if contexts.part >= 0 { note(slot, contexts.part, observed: 0, expected: probability) }
        if contexts.cell >= 0 { note(slot, contexts.cell, observed: 0, expected: probability) }
    }

    @inline(__always)
    private mutating func note(
        _ slot: Int,
        _ context: Int,
        observed hit: Double,
        expected p: Double
    ) {
        let index = slot * names.count + context
        if observed[index] == 0, expected[index] == 0 { met.append(index) }
        observed[index] += hit
        expected[index] += p
        variance[index] += p * (1 - p)
    }

    /// Adds what was noted since the last call.
    ///
    /// - Parameter share: for each context, the part of the user's followers that its steps are.
    mutating func endUser(_ share: [Double]) {
        for index in met {
            // Of what is expected, what the observed steps make up themselves.
            let own = min(expected[index], observed[index] * share[index % names.count])
            let difference = observed[index] - own - leastLift * (expected[index] - own)
            let weight = 1 / (1 + variance[index]).squareRoot()
            sums[index].observed += observed[index]
            sums[index].expected += expected[index]
            sums[index].own += own
            sums[index].differences += weight * difference
            sums[index].squares += weight * weight * difference * difference
            sums[index].variance += weight * weight * variance[index]
            if observed[index] > 0 { sums[index].users += 1 }
            observed[index] = 0
            expected[index] = 0
            variance[index] = 0
        }
        met.removeAll(keepingCapacity: true)
    }

    func sum(slot: Int, context: Int) -> Sum { sums[slot * names.count + context] }
}
