internal import Messages
internal import Metadata
internal import Models
internal import RPC

extension RunRecord.Search {
    /// More of them are a loop that a caller should write.
    private static let maxTrials = 100
    private static let maxRanges = 16

    /// A search from a request, after all checks.
    init(checking wire: Wire.Search, of family: String) throws(RPCError) {
        guard (1...UInt32(Self.maxTrials)).contains(wire.trials) else {
            throw Self.refusal("trials", "\(wire.trials) trials", "ask for 1 to \(Self.maxTrials)")
        }
        guard (1...Self.maxRanges).contains(wire.ranges.count),
            Set(wire.ranges.map(\.name)).count == wire.ranges.count
        else {
            throw Self.refusal(
                "ranges",
                "\(wire.ranges.count) ranges, or one setting twice",
                "give 1 to \(Self.maxRanges) ranges, one a setting"
            )
        }
        var ranges: [Range] = []
        for range in wire.ranges { ranges.append(try Self.range(range, of: family)) }
        self.init(
            method: try Self.method(wire.method, of: family),
            trialCount: Int(wire.trials),
            budgetSeconds: wire.budgetSeconds == 0 ? nil : Double(wire.budgetSeconds),
            ranges: ranges
        )
    }

    private static func method(
        _ wire: Wire.SearchMethod,
        of family: String
    ) throws(RPCError) -> Method {
        switch wire {
        case .random:
            return .random
        case .halving:
            guard FamilySettings.passSetting(of: family) != nil else {
                throw refusal(
                    "method",
                    "\(family) is fitted in one go: there are no passes to halve",
                    "search at random"
                )
            }
            return .halving
        case .unknown, .unrecognized:
            throw refusal("method", "no way to search by this number", "use RANDOM or HALVING")
        }
    }

    private static func range(
        _ wire: Wire.SettingRange,
        of family: String
    ) throws(RPCError) -> Range {
        let defaults = FamilySettings.defaults(of: family).texts
        guard wire.name != "seed", let text = defaults[wire.name], Double(text) != nil else {
            let known = defaults.filter { $0.key != "seed" && Double($0.value) != nil }.keys
            throw refusal(
                "ranges",
                "\(family) has no setting \(wire.name) that takes a number",
                "use one of \(known.sorted().joined(separator: ", "))"
            )
        }
        guard wire.low <= wire.high, !wire.isLogarithmic || wire.low > 0 else {
            throw refusal(
                "ranges",
                "\(wire.name) from \(wire.low) to \(wire.high) is no range",
                "give low:high; above 0 where it is logarithmic"
            )
        }
        for bound in [wire.low, wire.high] {
            let whole = Int(text) != nil ? Int(exactly: bound.rounded()).map { "\($0)" } : nil
            do {
                try FamilySettings.check([wire.name: whole ?? "\(bound)"], of: family)
            } catch {
                throw refusal("ranges", "\(error.place): \(error.problem)", error.remedy)
            }
        }
        return Range(
            name: wire.name,
            low: wire.low,
            high: wire.high,
            isLogarithmic: wire.isLogarithmic
        )
    }

    private static func refusal(
        _ field: String,
        _ problem: String,
        _ remedy: String
    ) -> RPCError {
        RPCError(.invalidArgument, problem, field: "search.\(field)", remedy: remedy)
    }
}

extension Wire.Search {
    init(_ search: RunRecord.Search) {
        self.init(
            method: search.method == .random ? .random : .halving,
            trials: UInt32(search.trialCount),
            budgetSeconds: UInt32(search.budgetSeconds ?? 0),
            ranges: search.ranges.map { range in
                Wire.SettingRange(
                    name: range.name,
                    low: range.low,
                    high: range.high,
                    isLogarithmic: range.isLogarithmic
                )
            }
        )
    }
}

extension Wire.SearchTrial {
    init(_ trial: RunRecord.Search.Trial) {
        self.init(
            number: UInt32(trial.number),
            rung: UInt32(trial.rung),
            settings: trial.settings.sorted { $0.key < $1.key }
                .map { Wire.Setting(name: $0.key, value: $0.value) },
            passes: UInt32(trial.passes),
            metric: trial.metric,
            seconds: trial.seconds,
            error: trial.error
        )
    }
}
