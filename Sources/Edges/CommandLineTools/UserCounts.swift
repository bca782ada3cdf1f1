/// Counts events by user, to name the most active ones.
package struct UserCounts: Sendable {
    /// Users past this many are not counted: 100,000 ids are some 10 MB.
    private static let maxUsers = 100_000
    private var counts: [String: Int] = [:]

    package init() {}

    package mutating func add(_ user: String) {
        if counts[user] != nil || counts.count < Self.maxUsers {
            counts[user, default: 0] += 1
        }
    }

    /// Up to `count` users, the most active first, equal ones by id.
    package func mostActive(_ count: Int) -> [String] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(count).map(\.key)
    }
}
