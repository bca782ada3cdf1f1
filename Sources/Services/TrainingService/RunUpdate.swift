internal import Evaluation
internal import Metadata
internal import ModelStorage
internal import Models
internal import Patterns
internal import RPC

/// What a run tells of itself on its way.
struct RunUpdate: Sendable {
    var stage: Stage
    /// 0...1 within the stage.
    var progress: Double
    /// What else is known by now of the run; kept whatever becomes of it. State, progress and
    /// revision are not taken from here.
    var findings: RunRecord?
    /// A pass of the fit of this name, which the run's curves get.
    var pass: (fit: String, found: RunRecord.Curve.Pass)?
    /// Whether the findings are on the disk before the run goes on: it may rest on them after a
    /// crash. The disk is waited for.
    var isKept = false

    init(
        _ stage: Stage,
        _ progress: Double,
        findings: RunRecord? = nil,
        isKept: Bool = false
    ) {
        self.stage = stage
        self.progress = progress
        self.findings = findings
        self.isKept = isKept
    }

    /// The stages in order, and what share of a run each takes on check-in data.
    enum Stage: String, CaseIterable, Sendable {
        case reading, cleaning, graph, searching, training, evaluating, publishing, mining

        func share(of run: RunRecord) -> ClosedRange<Double> {
            run.mining?.isAlone == true ? shareOfMining : share(searches: run.search != nil)
        }

        private var shareOfMining: ClosedRange<Double> {
            switch self {
            case .reading: 0...0.25
            case .cleaning: 0.25...0.4
            case .mining: 0.4...1
            case .graph, .searching, .training, .evaluating, .publishing: 0.4...0.4
            }
        }

        /// - Parameter searches: whether the run looks for settings first; that takes longest.
        private func share(searches: Bool) -> ClosedRange<Double> {
            switch self {
            case .reading: 0...0.05
            case .cleaning: 0.05...0.07
            case .graph: 0.07...0.1
            case .searching: 0.1...0.8
            case .training: searches ? 0.8...0.9 : 0.1...0.8
            case .evaluating: searches ? 0.9...0.95 : 0.8...0.9
            case .publishing: searches ? 0.95...0.97 : 0.9...0.95
            case .mining: searches ? 0.97...1 : 0.95...1
            }
        }
    }

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - begin: when the work began that `run.progress` counts from.
    func apply(to run: inout RunRecord, now: Int64, begin: Int64) {
        run.stage = stage.rawValue
        let share = stage.share(of: run)
        let done =
            share.lowerBound + (share.upperBound - share.lowerBound) * min(1, max(0, progress))
        run.progress = max(run.progress, done)  // training goes on after the evaluation
        if let findings {
            run.settings = findings.settings
            run.search = findings.search
            run.warmStart = findings.warmStart
            run.ledger = findings.ledger
            run.graph = findings.graph
            run.metrics = findings.metrics
            run.baselines = findings.baselines
            run.dataEndOffset = findings.dataEndOffset
            run.version = findings.version
            run.mining = findings.mining
        }
        if let pass { run.add(pass.found, of: pass.fit) }
        run.secondsLeft = Self.secondsLeft(of: run, after: now - begin)
        run.revision += 1
    }

    /// As long again as the share that is left is to the share done; nil before there is a share to
    /// judge by.
    private static func secondsLeft(of run: RunRecord, after milliseconds: Int64) -> Int64? {
        guard run.progress >= 0.02 else { return nil }
        let seconds = Double(max(0, milliseconds)) / 1_000
        return Int64((seconds * (1 - run.progress) / run.progress).rounded())
    }
}

/// Why a run ended without a version, for its record.
struct RunFailure: Error {
    var problem: String
    var remedy: String

    init(problem: String, remedy: String) {
        self.problem = problem
        self.remedy = remedy
    }

    init(_ error: any Error) {
        switch error {
        case let failure as RunFailure:
            self = failure
        case let error as ModelError:
            self.init(problem: "\(error.place): \(error.problem)", remedy: error.remedy)
        case let error as ModelStoreError:
            self.init(problem: "\(error.path): \(error.problem)", remedy: error.remedy)
        case let error as PatternError:
            self.init(problem: "\(error.place): \(error.problem)", remedy: error.remedy)
        case let error as RPCError:
            self.init(
                problem: "the log could not be read: \(error.message)",
                remedy: error.details.first?.remedy ?? "check the ingest service"
            )
        default:
            self.init(
                problem: "an unexpected error; the service's log has it in full",
                remedy: "report it with the run's number"
            )
        }
    }
}
