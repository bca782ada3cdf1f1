internal import Events
internal import Glibc
package import Workers

/// What a mining found.
package struct MinedPatterns: Sendable {
    /// Strongest first within each kind, kinds in the order of `PatternKind`.
    package var patterns: [Pattern]
    /// All tests made: what the adjusted p-values answer for.
    package var testCount: Int
    /// Significant ones of sufficient lift before folding.
    package var significantCount: Int
    package var eventCount: Int
    package var userCount: Int
}

/// How far a mining is.
package struct MiningProgress: Sendable {
    /// "transitions between items".
    package var stage: String
    package var finishedStages: Int
    package var stageCount: Int
}

/// Finds the patterns of a table of events.
///
/// The same input and settings give the same patterns for any number of threads.
package struct PatternMiner {
    private let settings: MiningSettings
    private let pool: WorkerPool
    private let events: MinedEvents
    private var conditionScans: [(scan: ConditionScan, tests: [ConditionTest])] = []
    private var transitionScans: [(scan: TransitionScan, tests: [TransitionScan.Test])] = []
    private var personal: (scan: PersonalScan, tests: [PersonalScan.Test])?
    private var findings: [Finding] = []
    private var otherPValues: [Double] = []
    private var testCount = 0

    /// - Parameters:
    ///   - progress: called between stages, each at most a few seconds a million events; false
    ///     ends the mining.
    /// - Throws: `badSetting`, `badInput`; `cancelled` where `progress` said so.
    /// - Complexity: near-linear in the events for a bounded number of items in a user's history.
    package static func mine(
        _ input: MiningInput,
        settings: MiningSettings = MiningSettings(),
        on pool: WorkerPool,
        progress: (MiningProgress) -> Bool = { _ in true }
    ) throws(PatternError) -> MinedPatterns {
        try settings.check()
        try input.check()
        var miner = PatternMiner(input, settings, pool)
        let stages = miner.stages
        for (index, stage) in stages.enumerated() {
            let report = MiningProgress(
                stage: stage.name,
                finishedStages: index,
                stageCount: stages.count
            )
            guard progress(report) else {
                throw PatternError(
                    code: .cancelled,
                    place: stage.name,
                    problem: "the caller ended the mining after \(index) of \(stages.count) stages",
                    remedy: "start it again"
                )
            }
            miner.run(stage)
        }
        return miner.finish()
    }

    private init(_ input: MiningInput, _ settings: MiningSettings, _ pool: WorkerPool) {
        self.settings = settings
        self.pool = pool
        events = MinedEvents(input, settings: settings)
    }

    private enum Stage {
        case conditions(EventFrame.Kind, [EventLabels.Kind])
        case transitions
        case personal

        var name: String {
            switch self {
            case .conditions(.everything, _): "what is done when"
            case .conditions(.cell(let column), _): "what is done when by cell (\(column + 1))"
            case .conditions(.segment, _): "routines of segments"
            case .transitions: "transitions"
            case .personal: "routines of users"
            }
        }
    }

    private var stages: [Stage] {
        let cells = events.cellColumns.indices
        let isMined = settings.kinds.contains
        var stages: [Stage] = []
        var labels: [EventLabels.Kind] = isMined(.association) ? [.category, .item] : []
        if isMined(.routine) { labels += cells.map { .cell($0) } }
        if !labels.isEmpty { stages.append(.conditions(.everything, labels)) }
        if isMined(.association) {
            stages += cells.map { .conditions(.cell($0), [.category, .item]) }
        }
        if isMined(.routine) {
            stages.append(.conditions(.segment, [.category] + cells.map { .cell($0) }))
        }
        if isMined(.transition) { stages.append(.transitions) }
        if isMined(.routine) { stages.append(.personal) }
        return stages
    }

    private mutating func run(_ stage: Stage) {
        switch stage {
        case .conditions(let frameKind, let labels):
            let frame = EventFrame(frameKind, of: events)
            for kind in labels { scanConditions(frame, EventLabels(kind, of: events)) }
        case .transitions:
            let followers = Followers(events, settings: settings)
            for kind in [EventLabels.Kind.category, .item] {
                scanTransitions(EventLabels(kind, of: events), followers)
            }
        case .personal: scanUsers()
        }
    }

    private mutating func scanConditions(_ frame: EventFrame, _ labels: EventLabels) {
        var isCell = false
        if case .cell = labels.kind { isCell = true }
        let scan = ConditionScan(
            events,
            frame: frame,
            labels: labels,
            testsWords: frame.kind == .everything && !isCell,
            settings: settings
        )
        let blocks = scan.blocks
        let tests = tests(of: pool.mapBlocks(blocks.count) { scan.scan(blocks[$0]) })
        for (index, test) in tests.enumerated() {
            var finding = Finding(
                kind: isCell || frame.kind == .segment ? .routine : .association,
                source: .condition(scan: conditionScans.count, test: index),
                condition: test.condition,
                consequent: Finding.Target(kind: labels.kind, label: test.label),
                observed: Double(test.observed),
                lift: test.lift,
                zScore: test.zScore,
                pValue: test.pValue
            )
            switch frame.kind {
            case .everything: break
            case .cell(let column):
                finding.cell = events.cellColumns[column].cells[Int(test.group)]
            case .segment: finding.segment = test.group
            }
            findings.append(finding)
        }
        conditionScans.append((scan, tests))
    }

    private mutating func scanTransitions(_ labels: EventLabels, _ followers: Followers) {
        let scan = TransitionScan(events, labels: labels, followers: followers, settings: settings)
        let tests = tests(
            of: pool.mapBlocks(TransitionScan.blockCount) { scan.scan(scan.labels(ofBlock: $0)) }
        )
        for (index, test) in tests.enumerated() {
            var finding = Finding(
                kind: .transition,
                source: .transition(scan: transitionScans.count, test: index),
                after: Finding.Target(kind: labels.kind, label: test.first),
                consequent: Finding.Target(kind: labels.kind, label: test.second),
                observed: Double(test.observed),
                lift: test.lift,
                zScore: test.zScore,
                pValue: test.pValue
            )
            let context = Int(test.context)
            if context >= TransitionScan.firstCell {
                finding.cell = scan.cells?.cells[context - TransitionScan.firstCell]
            } else if context > 0 {
                let part = TransitionScan.dayParts[context - 1]
                finding.condition = Int32(SlotConditions.ranges.firstIndex(of: part) ?? -1)
            }
            findings.append(finding)
        }
        transitionScans.append((scan, tests))
    }

    private mutating func scanUsers() {
        let kinds: [EventLabels.Kind] =
            [.item] + events.cellColumns.indices.reversed().map { .cell($0) } + [.category]
        let columns = kinds.map { EventLabels($0, of: events) }
        let scan = PersonalScan(events, columns: columns, settings: settings)
        let tests = tests(
            of: pool.mapBlocks(PersonalScan.blockCount) { scan.scan(scan.users(ofBlock: $0)) }
        )
        for (index, test) in tests.enumerated() {
            findings.append(
                Finding(
                    kind: .routine,
                    source: .personal(test: index),
                    condition: Int32(test.condition),
                    user: test.user,
                    consequent: Finding.Target(
                        kind: columns[Int(test.column)].kind,
                        label: test.label
                    ),
                    observed: Double(test.days),
                    lift: test.lift,
                    // As many standard errors as a normal tail of this size lies out, about.
                    zScore: (-2 * log(max(test.pValue, 1e-300))).squareRoot(),
                    pValue: test.pValue
                )
            )
        }
        personal = (scan, tests)
    }

    /// Counts the outcomes of a scan's blocks; the tests that may be patterns.
    private mutating func tests<Test>(of outcomes: [ScanOutcome<Test>]) -> [Test] {
        var whole = ScanOutcome<Test>()
        for outcome in outcomes { whole += outcome }
        otherPValues += whole.otherPValues
        testCount += whole.testCount
        return whole.tests
    }

    private mutating func finish() -> MinedPatterns {
        let adjusted = Significance.adjusted(
            findings.map(\.pValue) + otherPValues,
            testCount: testCount
        )
        for index in findings.indices { findings[index].adjustedPValue = adjusted[index] }
        findings.removeAll { $0.adjustedPValue > settings.falseDiscoveryRate }
        let kept = Folding(events: events, settings: settings).kept(of: findings)
        return MinedPatterns(
            patterns: patterns(limited(kept)),
            testCount: testCount,
            significantCount: findings.count,
            eventCount: events.count,
            userCount: events.userStarts.count - 1
        )
    }

    /// No more of each kind and user than the settings allow.
    private func limited(_ findings: [Finding]) -> [Finding] {
        var ofUser: [Int32: Int] = [:]
        let kept = findings.filter { finding in
            guard finding.user >= 0 else { return true }
            ofUser[finding.user, default: 0] += 1
            return ofUser[finding.user, default: 0] <= settings.maximumRoutinesPerUser
        }
        return PatternKind.allCases.flatMap { kind in
            kept.filter { $0.kind == kind }.prefix(settings.maximumPatterns)
        }
    }

    private var leastWeeks: Double {
        guard let first = events.table.rows.first, let last = events.table.rows.last else {
            return 0
        }
        let weeks = last.instant.seconds(since: first.instant) / (7 * 86_400)
        return min(Double(settings.minimumWeeks), weeks / 2)
    }

    private func patterns(_ findings: [Finding]) -> [Pattern] {
        let details = details(of: findings)
        let assembly = PatternAssembly(events: events, settings: settings)
        return zip(findings, details).compactMap { finding, details in
            details.weeks.effectiveCount < leastWeeks
                ? nil : assembly.pattern(finding, details)
        }
    }

    /// The details of each finding, in order.
    private func details(of findings: [Finding]) -> [PatternDetails] {
        var all = [PatternDetails](repeating: PatternDetails(), count: findings.count)
        let jobs = detailJobs(findings)
        let found =
            pool.mapBlocks(jobs.conditions.count) { jobs.conditions[$0].run() }
            + pool.mapBlocks(jobs.transitions.count) { jobs.transitions[$0].run() }
        for (indices, details) in found {
            for (index, details) in zip(indices, details) { all[index] = details }
        }
        guard let personal else { return all }
        // In steps, so that threads share them evenly.
        let stride = 64
        let steps = (jobs.personal.count + stride - 1) / stride
        let ofUsers = pool.mapBlocks(steps) { step in
            jobs.personal[step * stride..<min(jobs.personal.count, (step + 1) * stride)]
                .map { personal.scan.details(of: personal.tests[$0.test]) }
        }
        for ((index, _), details) in zip(jobs.personal, ofUsers.joined()) { all[index] = details }
        return all
    }

    /// The tests of one group of one scan, whose details come from one pass over its events.
    private struct GroupJob: Sendable {
        var scan: ConditionScan
        var group: Int
        var tests: [ConditionTest] = []
        var indices: [Int] = []

        func run() -> ([Int], [PatternDetails]) {
            (indices, scan.details(of: tests, group: group))
        }
    }

    /// Some tests of a scan that begin with one label.
    private struct StepJob: Sendable {
        /// A frequent label has many: threads share them.
        static let maxTests = 32

        var scan: TransitionScan
        var tests: [TransitionScan.Test] = []
        var indices: [Int] = []

        func run() -> ([Int], [PatternDetails]) { (indices, scan.details(of: tests)) }
    }

    private struct DetailJobs: Sendable {
        var conditions: [GroupJob] = []
        var transitions: [StepJob] = []
        var personal: [(index: Int, test: Int)] = []
    }

    private func detailJobs(_ findings: [Finding]) -> DetailJobs {
        struct Key: Hashable { var scan, group: Int }
        var numbers: [Key: Int] = [:]
        var stepNumbers: [Key: Int] = [:]
        var jobs = DetailJobs()
        for (index, finding) in findings.enumerated() {
            switch finding.source {
            case .condition(let scan, let test):
                let found = conditionScans[scan].tests[test]
                let key = Key(scan: scan, group: Int(found.group))
                let number = numbers[key] ?? jobs.conditions.count
                if number == jobs.conditions.count {
                    numbers[key] = number
                    jobs.conditions.append(
                        GroupJob(scan: conditionScans[scan].scan, group: key.group)
                    )
                }
                jobs.conditions[number].tests.append(found)
                jobs.conditions[number].indices.append(index)
            case .transition(let scan, let test):
                let found = transitionScans[scan].tests[test]
                let key = Key(scan: scan, group: Int(found.first))
                var number = stepNumbers[key] ?? jobs.transitions.count
                if number < jobs.transitions.count,
                    jobs.transitions[number].tests.count == StepJob.maxTests
                {
                    number = jobs.transitions.count
                }
                if number == jobs.transitions.count {
                    stepNumbers[key] = number
                    jobs.transitions.append(StepJob(scan: transitionScans[scan].scan))
                }
                jobs.transitions[number].tests.append(found)
                jobs.transitions[number].indices.append(index)
            case .personal(let test): jobs.personal.append((index, test))
            }
        }
        return jobs
    }
}
