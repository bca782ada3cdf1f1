/// The calls of the service `Training`.
extension ChronotopeClient {
    /// Starts a run and returns at once; one run at a time, others queue.
    ///
    /// Never repeated on its own unless an idempotency key is given.
    public func startRun(
        _ query: Chronotope_V1_StartRunRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_Run {
        try await call(
            "chronotope.v1.Training/StartRun",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// Starts a run that mines the patterns of a published version, and returns at once.
    ///
    /// Never repeated on its own unless an idempotency key is given.
    public func minePatterns(
        _ query: Chronotope_V1_MinePatternsRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_Run {
        try await call(
            "chronotope.v1.Training/MinePatterns",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// A run as it stands.
    public func getRun(
        _ query: Chronotope_V1_GetRunRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_Run {
        try await call("chronotope.v1.Training/GetRun", query, timeout: timeout)
    }

    /// Long poll: answers once the run's revision passes `after_revision`, or after `wait_ms`.
    public func watchRun(
        _ query: Chronotope_V1_WatchRunRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_Run {
        try await call("chronotope.v1.Training/WatchRun", query, timeout: timeout)
    }

    /// Ends a run that waits or works.
    public func cancelRun(
        _ query: Chronotope_V1_CancelRunRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_Run {
        try await call("chronotope.v1.Training/CancelRun", query, timeout: timeout)
    }

    /// The newest runs.
    public func listRuns(
        _ query: Chronotope_V1_ListRunsRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ListRunsReply {
        try await call("chronotope.v1.Training/ListRuns", query, timeout: timeout)
    }

    /// The versions in the store.
    public func listVersions(
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ListVersionsReply {
        try await call(
            "chronotope.v1.Training/ListVersions",
            Chronotope_V1_ListVersionsRequest(),
            timeout: timeout
        )
    }

    /// Moves an alias to a version that verifies.
    ///
    /// Never repeated on its own unless an idempotency key is given.
    public func setAlias(
        _ query: Chronotope_V1_SetAliasRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_AliasReply {
        try await call(
            "chronotope.v1.Training/SetAlias",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// Moves an alias back to where it was before.
    ///
    /// Never repeated on its own unless an idempotency key is given.
    public func rollback(
        _ query: Chronotope_V1_RollbackRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_AliasReply {
        try await call(
            "chronotope.v1.Training/Rollback",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// Where aliases pointed before.
    public func aliasHistory(
        _ query: Chronotope_V1_AliasHistoryRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_AliasHistoryReply {
        try await call("chronotope.v1.Training/AliasHistory", query, timeout: timeout)
    }

    /// Keeps a version from being removed.
    ///
    /// Never repeated on its own unless an idempotency key is given.
    public func pinVersion(
        _ query: Chronotope_V1_PinVersionRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_Version {
        try await call(
            "chronotope.v1.Training/PinVersion",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// Removes versions that nothing needs.
    ///
    /// Never repeated on its own unless an idempotency key is given.
    public func collectGarbage(
        _ query: Chronotope_V1_CollectGarbageRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_CollectGarbageReply {
        try await call(
            "chronotope.v1.Training/CollectGarbage",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// What in the log cannot train, and why.
    public func checkData(
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_CheckDataReply {
        try await call(
            "chronotope.v1.Training/CheckData",
            Chronotope_V1_CheckDataRequest(),
            timeout: timeout
        )
    }
}
