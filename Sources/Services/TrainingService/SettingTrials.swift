internal import Metadata
internal import Models
internal import Training

/// A run's search for settings: fits trials on what is before the validation slice and judges them
/// on it by the gate's metric.
///
/// Deterministic but for where a time budget ends it: trials, order and metrics follow from data,
/// settings and seed.
struct SettingTrials {
    let slice: ValidationSlice
    let work: RunWork

    /// The name of a trial's checkpoint.
    static func fitName(_ number: Int) -> String { "search-\(number)" }

    /// Searches where the run asks for it, and gives it the best trial's settings. Goes on after
    /// the trials that an earlier process kept.
    func perform(_ run: inout RunRecord) throws {
        guard let asked = run.search, asked.best == nil else { return }
        let plan = SettingSearch(asked, of: run.family, seed: run.seed)
        let candidates = plan.candidates
        let rungs = Self.rungs(plan, asked, run)
        let fitCount = rungs.reduce(0) { $0 + $1.trialCount }
        var search = asked
        var entrants = Array(1...asked.trialCount)
        climbing: for (rung, step) in rungs.enumerated() {
            entrants = Array(entrants.prefix(step.trialCount))
            for number in entrants where !search.has(number, on: rung) {
                if search.isSpent { break climbing }
                let done = search.trials.count
                let share = Double(done) / Double(fitCount)...Double(done + 1) / Double(fitCount)
                search.trials.append(
                    try trial(number, candidates[number - 1], run, rung, step, share)
                )
                run.search = search
                try work.progress(
                    RunUpdate(.searching, share.upperBound, findings: run, isKept: true)
                )
                if rung == rungs.count - 1 { forget(all: entrants, but: search.ranked.first) }
            }
            let next = search.trials.filter { $0.rung == rung }.ranked.map(\.number)
            let kept = rung + 1 < rungs.count ? next.prefix(rungs[rung + 1].trialCount) : []
            for number in next where !kept.isEmpty && !kept.contains(number) {
                work.checkpoints.remove(Self.fitName(number))
            }
            entrants = next
        }
        try adopt(search, &run)
    }

    private static func rungs(
        _ plan: SettingSearch,
        _ search: RunRecord.Search,
        _ run: RunRecord
    ) -> [SettingSearch.Rung] {
        switch search.method {
        case .random: plan.randomRungs
        case .halving: plan.halvingRungs(passCount: FamilySettings.passCount(of: run) ?? 1)
        }
    }

    private func trial(
        _ number: Int,
        _ settings: [String: String],
        _ run: RunRecord,
        _ rung: Int,
        _ step: SettingSearch.Rung,
        _ share: ClosedRange<Double>
    ) throws -> RunRecord.Search.Trial {
        let begin = ContinuousClock.now
        var run = run
        run.settings.merge(settings) { $1 }
        var trial = RunRecord.Search.Trial(
            number: number,
            rung: rung,
            settings: settings,
            passes: 0,
            metric: 0,
            seconds: 0
        )
        let limit = FamilySettings.passCount(of: run).map {
            max(1, Int((Double($0) * step.passShare).rounded(.up)))
        }
        do {
            let model = try work.fit(
                run,
                to: slice.trainingTable,
                as: Self.fitName(number),
                stage: .searching,
                share: share,
                passLimit: limit ?? .max
            ) { trial.passes = $0 }
            let metrics = slice.metrics(of: model, on: work.pool)
            trial.metric = metrics.value(QualityGate.metric) ?? 0
        } catch let error as ModelError {
            trial.error = "\(error.place): \(error.problem)"
        }
        trial.seconds = begin.duration(to: .now) / .seconds(1)
        return trial
    }

    /// The best of all trials by its longest fit. One with fewer passes may win where the budget
    /// ended the search: it is then fitted in full like any other.
    private func adopt(_ search: RunRecord.Search, _ run: inout RunRecord) throws {
        guard let best = search.ranked.first, best.error.isEmpty else {
            throw RunFailure(
                problem: "no trial of the search could be fitted: "
                    + (search.trials.first?.error ?? "there was no time for any"),
                remedy: "search other ranges, or give more time"
            )
        }
        run.search?.best = best.number
        run.settings.merge(best.settings) { $1 }
        try work.progress(RunUpdate(.searching, 1, findings: run, isKept: true))
    }

    /// Nothing but the best is fitted again.
    private func forget(all numbers: [Int], but best: RunRecord.Search.Trial?) {
        for number in numbers where number != best?.number {
            work.checkpoints.remove(Self.fitName(number))
        }
    }
}

extension RunRecord.Search {
    fileprivate func has(_ number: Int, on rung: Int) -> Bool {
        trials.contains { $0.number == number && $0.rung == rung }
    }

    fileprivate var isSpent: Bool {
        guard let budgetSeconds else { return false }
        return trials.reduce(0) { $0 + $1.seconds } >= budgetSeconds
    }

    /// Each trial by its longest fit, the best first.
    fileprivate var ranked: [Trial] {
        Dictionary(grouping: trials, by: \.number).values
            .compactMap { fits in fits.max { $0.rung < $1.rung } }.ranked
    }
}

extension [RunRecord.Search.Trial] {
    /// By the metric; equal ones, and those that could not be fitted, by number.
    fileprivate var ranked: [Element] {
        sorted { ($1.rank, $0.number) < ($0.rank, $1.number) }
    }
}

extension RunRecord.Search.Trial {
    fileprivate var rank: Double { error.isEmpty ? metric : -1 }
}

extension SettingSearch {
    init(_ search: RunRecord.Search, of family: String, seed: UInt64) {
        let defaults = FamilySettings.defaults(of: family).texts
        self.init(
            ranges: search.ranges.map { range in
                Range(
                    name: range.name,
                    low: range.low,
                    high: range.high,
                    isLogarithmic: range.isLogarithmic,
                    isWhole: defaults[range.name].flatMap(Int.init) != nil
                )
            },
            trialCount: search.trialCount,
            seed: seed
        )
    }
}
