/// The calls of the service `Releases`, and of the watch over users.
extension ChronotopeClient {
    /// Counts by cell and slot that may leave the house. With noise it spends budget: never repeated on
    /// its own unless an idempotency key is given.
    public func releaseCounts(
        _ query: Chronotope_V1_ReleaseCountsRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ReleaseCountsReply {
        try await call(
            "chronotope.v1.Releases/Counts",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// What releases with noise have spent.
    public func privacyBudget(
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PrivacyBudgetReply {
        try await call(
            "chronotope.v1.Releases/Budget",
            Chronotope_V1_PrivacyBudgetRequest(),
            timeout: timeout
        )
    }

    /// Long poll: answers once there are alerts after `after_sequence`, or after `wait_ms`.
    public func watchAlerts(
        _ query: Chronotope_V1_WatchAlertsRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_WatchAlertsReply {
        try await call("chronotope.v1.Query/WatchAlerts", query, timeout: timeout)
    }
}
