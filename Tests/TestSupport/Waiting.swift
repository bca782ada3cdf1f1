package import RPC

/// Waits for a condition, at most `limit`; the last word is the condition's.
package func eventually(
    within limit: Duration = .seconds(20),
    _ condition: @Sendable () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while .now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}

/// The RPC error that `body` threw; nil if it threw none, or another.
package func refusal(_ body: () async throws -> some Sendable) async -> RPCError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RPCError
    }
}
