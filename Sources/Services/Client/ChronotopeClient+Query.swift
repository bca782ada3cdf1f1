/// The calls of the service `Query`.
extension ChronotopeClient {
    /// What this user may do next.
    public func recommend(
        _ query: Chronotope_V1_ListRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ListReply {
        try await call("chronotope.v1.Query/Recommend", query, timeout: timeout)
    }

    /// Items like one item.
    public func similarItems(
        _ query: Chronotope_V1_ListRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ListReply {
        try await call("chronotope.v1.Query/SimilarItems", query, timeout: timeout)
    }

    /// Users like one user.
    public func similarUsers(
        _ query: Chronotope_V1_ListRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ListReply {
        try await call("chronotope.v1.Query/SimilarUsers", query, timeout: timeout)
    }

    /// What many do these days.
    public func trending(
        _ query: Chronotope_V1_ListRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ListReply {
        try await call("chronotope.v1.Query/Trending", query, timeout: timeout)
    }

    /// The exact parts of one item's score.
    public func explain(
        _ query: Chronotope_V1_ExplainRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_Explanation {
        try await call("chronotope.v1.Query/Explain", query, timeout: timeout)
    }

    /// Why an item is not in the answer.
    public func explainAbsence(
        _ query: Chronotope_V1_ExplainRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_Explanation {
        try await call("chronotope.v1.Query/ExplainAbsence", query, timeout: timeout)
    }

    /// Will this user act in this slot, on this item?
    public func predictActivity(
        _ query: Chronotope_V1_PredictActivityRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ActivityPrediction {
        try await call("chronotope.v1.Query/PredictActivity", query, timeout: timeout)
    }

    /// How behaviour hangs together: one page of what was mined from a version's events.
    public func listPatterns(
        _ query: Chronotope_V1_ListPatternsRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ListPatternsReply {
        try await call("chronotope.v1.Query/ListPatterns", query, timeout: timeout)
    }

    /// One pattern by its id.
    public func getPattern(
        _ query: Chronotope_V1_GetPatternRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PatternReply {
        try await call("chronotope.v1.Query/GetPattern", query, timeout: timeout)
    }

    /// What appeared, vanished and changed between two versions.
    public func patternDrift(
        _ query: Chronotope_V1_PatternDriftRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_PatternDriftReply {
        try await call("chronotope.v1.Query/PatternDrift", query, timeout: timeout)
    }
}
