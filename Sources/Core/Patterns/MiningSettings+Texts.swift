extension MiningSettings {
    /// The names that `init(texts:)` takes.
    package static let names = [
        "minimum-events", "minimum-users", "minimum-days", "minimum-weeks", "minimum-lift",
        "false-discovery-rate", "cell-levels", "transition-seconds", "maximum-patterns", "kinds",
    ]

    /// The settings as requests name them; what is not named has its default.
    ///
    /// - Throws: `badSetting` for an unknown name, a text that is no value, a value out of its range.
    package init(texts: [String: String]) throws(PatternError) {
        self.init()
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "minimum-events": minimumEvents = try Self.whole(text, name)
            case "minimum-users": minimumUsers = try Self.whole(text, name)
            case "minimum-days": minimumDays = try Self.whole(text, name)
            case "minimum-weeks": minimumWeeks = try Self.whole(text, name)
            case "minimum-lift": minimumLift = try Self.number(text, name)
            case "false-discovery-rate": falseDiscoveryRate = try Self.number(text, name)
            case "transition-seconds": transitionSeconds = try Self.whole(text, name)
            case "maximum-patterns": maximumPatterns = try Self.whole(text, name)
            case "cell-levels":
                var levels: [Int] = []
                for level in text.split(separator: ",") {
                    levels.append(try Self.whole(String(level), name))
                }
                cellLevels = levels
            case "kinds": kinds = try Self.kinds(text, name)
            default:
                throw PatternError(
                    code: .badSetting,
                    place: name,
                    problem: "no setting of the mining has this name",
                    remedy: "use one of \(Self.names.joined(separator: ", "))"
                )
            }
        }
        try check()
    }

    private static func whole(_ text: String, _ name: String) throws(PatternError) -> Int {
        guard let value = Int(text) else { throw notAValue(text, name, "a whole number") }
        return value
    }

    private static func number(_ text: String, _ name: String) throws(PatternError) -> Double {
        guard let value = Double(text) else { throw notAValue(text, name, "a number") }
        return value
    }

    private static func kinds(
        _ text: String,
        _ name: String
    ) throws(PatternError) -> Set<PatternKind> {
        var kinds: Set<PatternKind> = []
        for word in text.split(separator: ",") {
            guard let kind = PatternKind(rawValue: String(word)) else {
                let all = PatternKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw notAValue(text, name, "some of \(all)")
            }
            kinds.insert(kind)
        }
        return kinds
    }

    private static func notAValue(
        _ text: String,
        _ name: String,
        _ kind: String
    ) -> PatternError {
        PatternError(
            code: .badSetting,
            place: name,
            problem: "\"\(text)\" is not \(kind)",
            remedy: "give \(kind)"
        )
    }
}
