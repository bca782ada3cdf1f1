internal import Metadata

/// What a model must be to be published: not below any baseline on the validation slice.
enum QualityGate {
    /// The metric compared.
    static let metric = "mrr"

    /// Throws where `run`, with its figures on the validation slice, is not to be published; says
    /// by whom and by how much it was beaten.
    static func check(_ run: RunRecord) throws(RunFailure) {
        if run.publishesBelowBaseline { return }
        guard let own = run.metrics.value(metric), !run.baselines.isEmpty else {
            throw RunFailure(
                problem: "no events could be held back to compare the model with the baselines",
                remedy: "train on more data, or publish below the baseline"
            )
        }
        let rivals = run.baselines.map { ($0.name, $0.metrics.value(metric) ?? 0) }
        // Not `rival > own`: a figure that is no number passes nothing.
        let better = rivals.filter { !($0.1 <= own) }.sorted { $0.1 > $1.1 }
        guard let best = better.first else { return }
        let others = better.count == 1 ? "" : ", as \(better.count - 1) more are"
        throw RunFailure(
            problem: "the baseline \(best.0) is better on the validation slice\(others): "
                + "\(metric) \(best.1.rounded(digits: 4)), the model's \(own.rounded(digits: 4))",
            remedy: "train on more data, choose other settings, or publish below the baseline"
        )
    }
}

extension Double {
    func rounded(digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
