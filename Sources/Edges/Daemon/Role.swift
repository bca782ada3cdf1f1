/// What one process runs: one service, or all of them.
package enum Role: String, Sendable, CaseIterable {
    case all, ingest, train, model, query

    /// True where a process of this role runs the service of `other`.
    package func runs(_ other: Role) -> Bool {
        self == .all || self == other
    }

    /// One line for `--help`.
    package var summary: String {
        switch self {
        case .all: "every service in one process, on one address and one data folder"
        case .ingest: "takes events in and serves the event log"
        case .train: "learns models from the log and publishes versions"
        case .model: "serves versions: user state, candidates, filters"
        case .query: "answers recommendations from the model servers"
        }
    }
}
