internal import Events
internal import Glibc

/// The net that turns user and context into spline weights: one hidden layer of tanh.
///
/// It never sees an item, so that a score stays a sum of parts.
struct ChronotopeGates: Sendable {
    static let inputCount = 15
    static let hiddenCount = 24

    /// Hidden weights [H, X], hidden biases [H], output weights [P, H], output biases [P], and what
    /// the last item's category adds to the hidden units, [categoryRowCount, H].
    var parameters: [Float]

    static var outputCount: Int { ChronotopeLayout.shared.outputCount }
    static let hiddenBias = hiddenCount * inputCount
    static let outputWeight = hiddenBias + hiddenCount
    static let outputBias = outputWeight + outputCount * hiddenCount
    static let categoryWeight = outputBias + outputCount

    static func parameterCount(categoryRowCount: Int) -> Int {
        categoryWeight + categoryRowCount * hiddenCount
    }

    /// What the gates see of a question.
    struct Inputs: Sendable {
        /// Shape [inputCount].
        var numbers: [Float]
        /// Row of the last item's category; that of no category without a last item.
        var category: Int
    }

    struct Activation {
        var hidden: [Float]
        /// Shape [outputCount]; zero at the anchors.
        var weights: [Float]
    }

    func activation(of inputs: Inputs) -> Activation {
        let category = Self.categoryWeight + inputs.category * Self.hiddenCount
        var hidden = [Float](repeating: 0, count: Self.hiddenCount)
        for unit in 0..<Self.hiddenCount {
            var sum = parameters[Self.hiddenBias + unit] + parameters[category + unit]
            for input in 0..<Self.inputCount {
                sum += parameters[unit * Self.inputCount + input] * inputs.numbers[input]
            }
            hidden[unit] = tanhf(sum)
        }
        var weights = [Float](repeating: 0, count: Self.outputCount)
        for output in 0..<Self.outputCount {
            let start = Self.outputWeight + output * Self.hiddenCount
            var sum = parameters[Self.outputBias + output]
            for unit in 0..<Self.hiddenCount { sum += parameters[start + unit] * hidden[unit] }
            weights[output] = sum
        }
        for anchor in ChronotopeLayout.shared.anchors { weights[anchor] = 0 }
        return Activation(hidden: hidden, weights: weights)
    }

    /// Adds the gradient of the parameters, given that of the weights, to `gradient`.
    func backpropagate(
        _ weightGradient: [Float],
        through activation: Activation,
        inputs: Inputs,
        into gradient: inout [Float]
    ) {
        var hiddenGradient = [Float](repeating: 0, count: Self.hiddenCount)
        for output in 0..<Self.outputCount where weightGradient[output] != 0 {
            let start = Self.outputWeight + output * Self.hiddenCount
            let slope = weightGradient[output]
            gradient[Self.outputBias + output] += slope
            for unit in 0..<Self.hiddenCount {
                gradient[start + unit] += slope * activation.hidden[unit]
                hiddenGradient[unit] += slope * parameters[start + unit]
            }
        }
        let category = Self.categoryWeight + inputs.category * Self.hiddenCount
        for unit in 0..<Self.hiddenCount {
            let value = activation.hidden[unit]
            let slope = hiddenGradient[unit] * (1 - value * value)
            gradient[Self.hiddenBias + unit] += slope
            gradient[category + unit] += slope
            for input in 0..<Self.inputCount {
                gradient[unit * Self.inputCount + input] += slope * inputs.numbers[input]
            }
        }
    }

    /// What the gates see: the clock, and what kind of user this is; all of the order of 1.
    static func inputs(
        of question: Question,
        at moment: ChronotopeMoment?,
        memory: ChronotopeMemory
    ) -> Inputs {
        let (last, catalogue) = (question.history.lastInOrder, memory.catalogue)
        return Inputs(
            numbers: numbers(of: question, at: moment, memory: memory),
            category: last.map { Int(catalogue.category[Int($0.item)]) }
                ?? catalogue.categoryRowCount - 1
        )
    }

    private static func numbers(
        of question: Question,
        at moment: ChronotopeMoment?,
        memory: ChronotopeMemory
    ) -> [Float] {
        var inputs = [Float](repeating: 0, count: inputCount)
        guard let moment else { return inputs }
        let angle = Float(moment.quarter % 96) / 96 * 2 * .pi
        inputs[0] = sinf(angle)
        inputs[1] = cosf(angle)
        inputs[2] = sinf(2 * angle)
        inputs[3] = cosf(2 * angle)
        inputs[4] = moment.slot.isWeekend ? 1 : 0
        let entries = question.history.entries
        guard let last = entries.last, let first = entries.first else { return inputs }
        inputs[5] = hoursLog(moment.instant.seconds(since: last.instant))
        inputs[6] = log2f(1 + Float(entries.count)) / 8
        guard question.history.isOrdered else { return inputs }
        inputs[7] = log2f(1 + Float(last.instant.seconds(since: first.instant) / 86_400)) / 8
        inputs[8] = log2f(1 + Float(trajectoryPosition(in: entries))) / 3
        if entries.count >= 2 {
            inputs[9] = hoursLog(last.instant.seconds(since: entries[entries.count - 2].instant))
        }
        setHabits(of: memory, in: &inputs)
        return inputs
    }

    private static func hoursLog(_ seconds: Double) -> Float {
        log2f(1 + Float(max(0, seconds) / 3_600)) / 4
    }

    /// - Parameter memory: of at least one event.
    private static func setHabits(of memory: ChronotopeMemory, in inputs: inout [Float]) {
        let rows = memory.kernels.rows
        var counts = [Float](repeating: 0, count: memory.items.count)
        var (returns, itemCount): (Float, Float) = (0, 0)
        let recent = min(20, rows.count)
        for (event, row) in rows.enumerated() {
            let count = counts[Int(row)]
            if count == 0 { itemCount += 1 }
            if count > 0, event >= rows.count - recent { returns += 1 }
            counts[Int(row)] = count + 1
        }
        let most = counts.max() ?? 0
        let lastCount = rows.last.map { counts[Int($0)] } ?? 0
        inputs[10] = log2f(1 + itemCount) / 8
        inputs[11] = returns / Float(recent)
        inputs[12] = log2f(1 + lastCount) / 6
        inputs[13] = most / Float(rows.count)
        inputs[14] = lastCount == most ? 1 : 0
    }

    /// Events that led to the last one, each within a day of the next.
    private static func trajectoryPosition(in entries: [UserHistory.Entry]) -> Int {
        var position = 0
        while position < entries.count - 1, position < 100 {
            let index = entries.count - 1 - position
            let gap = entries[index].instant.seconds(since: entries[index - 1].instant)
            guard gap <= LiveStatistics.maxTransitionSeconds else { break }
            position += 1
        }
        return position
    }
}
