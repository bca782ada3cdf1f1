/// The calls of the service `Ingest`.
extension ChronotopeClient {
    /// Appends events; the reply comes after they are safe on disk.
    ///
    /// Repeated on failure where the request names a producer: its sequence shows a repeat.
    public func putEvents(
        _ query: Chronotope_V1_PutEventsRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PutEventsReply {
        try await call(
            "chronotope.v1.Ingest/PutEvents",
            query,
            timeout: timeout,
            isRepeatable: query.hasProducer
        )
    }

    /// Adds or replaces catalogue entries.
    public func putItems(
        _ query: Chronotope_V1_PutItemsRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PutReply {
        try await call("chronotope.v1.Ingest/PutItems", query, timeout: timeout)
    }

    /// Adds or replaces users.
    public func putUsers(
        _ query: Chronotope_V1_PutUsersRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PutReply {
        try await call("chronotope.v1.Ingest/PutUsers", query, timeout: timeout)
    }

    /// Hides an item from every answer, or shows it again.
    public func hideItem(
        _ query: Chronotope_V1_HideItemRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PutReply {
        try await call("chronotope.v1.Ingest/HideItem", query, timeout: timeout)
    }

    /// Removes all that a user did.
    ///
    /// Never repeated on its own unless an idempotency key is given.
    public func forget(
        _ query: Chronotope_V1_ForgetRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PutReply {
        try await call(
            "chronotope.v1.Ingest/Forget",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// Gives one user's events to another.
    ///
    /// Never repeated on its own unless an idempotency key is given.
    public func mergeUsers(
        _ query: Chronotope_V1_MergeUsersRequest,
        idempotencyKey: [UInt8] = [],
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PutReply {
        try await call(
            "chronotope.v1.Ingest/MergeUsers",
            query,
            timeout: timeout,
            idempotencyKey: idempotencyKey
        )
    }

    /// Records from an offset on; waits for the first one if there is none yet.
    public func readLog(
        _ query: Chronotope_V1_ReadRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ReadReply {
        try await call("chronotope.v1.Ingest/Read", query, timeout: timeout)
    }

    /// Catalogue entries by id.
    public func getItems(
        _ query: Chronotope_V1_GetItemsRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_GetItemsReply {
        try await call("chronotope.v1.Ingest/GetItems", query, timeout: timeout)
    }

    /// What the log holds and what was refused.
    public func ingestStats(
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_IngestStats {
        try await call(
            "chronotope.v1.Ingest/Stats",
            Chronotope_V1_IngestStatsRequest(),
            timeout: timeout
        )
    }
}
