internal import ModelStorage
internal import Ranking
internal import Synchronization

/// Runs queries of known users on a version before callers do: the first to touch its pages, its
/// kernels and its caches is then nobody who waits.
final class WarmUp: Sendable {
    /// One for each of so many shards; more finds nothing new to warm.
    static let queryCount = 8

    private let recommender: Recommender
    private let counts = Mutex<[UInt64: Int]>([:])

    /// - Parameter recommender: on the background pool, so that no caller waits for it.
    init(_ recommender: Recommender) { self.recommender = recommender }

    /// Warms a version that the snapshot holds, under an alias or not. Nothing happens while the
    /// server knows no user, or a second time.
    func warm(_ number: UInt64) async {
        guard count(of: number) == 0 else { return }
        var done = 0
        for user in recommender.users.sample(Self.queryCount) {
            let query = ListQuery(user: user, k: 100, explain: .evidence)
            if (try? await recommender.tryOut(query, on: number)) == true { done += 1 }
        }
        let versions = recommender.current.snapshot.versions
        counts.withLock { [done] counts in
            counts = counts.filter { versions[$0.key] != nil }
            counts[number] = done
        }
    }

    /// How many queries a version was warmed with.
    func count(of number: UInt64) -> Int { counts.withLock { $0[number] ?? 0 } }
}
