/// The calls of the service `Health`.
extension ChronotopeClient {
    /// Whether a service can do its work.
    public func checkHealth(
        _ query: Chronotope_V1_HealthCheckRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_HealthCheckReply {
        try await call("chronotope.v1.Health/Check", query, timeout: timeout)
    }

    /// Long poll: answers once the status differs from `known`, or after `wait_ms`.
    public func watchHealth(
        _ query: Chronotope_V1_HealthWatchRequest,
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_HealthCheckReply {
        try await call("chronotope.v1.Health/Watch", query, timeout: timeout)
    }
}

/// The calls of the service `Server`.
extension ChronotopeClient {
    /// Version, limits and features of this process.
    public func serverInfo(
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ServerInfo {
        try await call(
            "chronotope.v1.Server/Info",
            Chronotope_V1_ServerInfoRequest(),
            timeout: timeout
        )
    }
}

/// The calls of the service `Reflection`.
extension ChronotopeClient {
    /// What can be called here.
    public func listServices(
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_ListServicesReply {
        try await call(
            "chronotope.v1.Reflection/ListServices",
            Chronotope_V1_ListServicesRequest(),
            timeout: timeout
        )
    }

    /// The whole contract, as descriptors.
    public func describeContract(
        timeout: Duration? = nil
    ) async throws(StatusError) -> Chronotope_V1_DescribeReply {
        try await call(
            "chronotope.v1.Reflection/Describe",
            Chronotope_V1_DescribeRequest(),
            timeout: timeout
        )
    }
}
