/// What the chronotope family takes for the list protocols, each chosen on the protocol's validation
/// part; where nothing is said, the family's own defaults.
enum ChronotopeDefaults {
    static let ratings = [
        "target-actions": "rate-4 rate-5", "repeats": "false", "answers-without-history": "true",
        "action-weights": "0 0 0.5 1 1", "rank": "32",
    ]
    static let behaviours = [
        "target-actions": "buy", "repeats": "false", "action-weights": "1 0.5 0.2", "rank": "256",
    ]
    static let timedBehaviours = [
        "target-actions": "buy", "repeats": "false", "rank": "256",
    ]
    static let sequences = ["repeats": "false", "rank": "64", "sequence-dimension": "128"]
    static let sessions = ["rank": "128"]
}
