internal import Events
internal import Messages

/// What a server does beyond the calls themselves, by the name that `Server.Info` gives it.
package enum ServerFeature: String, Sendable {
    /// A write repeated under its idempotency key is answered again, not applied again.
    case idempotencyKeys = "idempotency-keys"
    /// Calls that wait for a change have an allowance of their own.
    case longPolls = "long-polls"
    /// Batches with a producer's sequence are appended once and in order.
    case producerSequences = "producer-sequences"
}

/// What `Server.Info` says of a process. The program fills it in.
package struct ServerDescription: Sendable {
    package var programVersion = ""
    /// Those of every server.
    package var features: [ServerFeature] = [.idempotencyKeys, .longPolls]
    package var kernelVariant = ""
    package var blasCore = ""
    package var tenant = "default"
    /// When the process started, in milliseconds since 1970 UTC; 0 where unknown.
    package var startedMilliseconds: Int64 = 0
    /// How many event ids are remembered, and for how many days; 0 where this process keeps none.
    package var deduplicationEventCount: UInt32 = 0
    package var deduplicationDays: UInt32 = 0

    package init() {}
}

/// Health, Reflection and Server: answered by every server beside its own services.
enum BuiltInServices {
    /// Health, Reflection and Server, in front of `router`'s own.
    static func added(
        to router: Router,
        _ info: ServerDescription,
        _ settings: RPCServer.Settings,
        _ health: HealthState
    ) -> Router {
        var router = router
        registerHealth(on: &router, health)
        registerReflection(on: &router)
        registerServer(on: &router, info, settings)
        return router
    }

    // MARK: - Health

    private static func registerHealth(on router: inout Router, _ health: HealthState) {
        router.register(Methods.healthCheck, admission: .probe) { query, _ in
            try reply(health.report(query.service))
        }
        router.register(Methods.healthWatch, admission: .longPoll) { query, context in
            // Answer a little before the caller stops waiting.
            let margin = Duration.milliseconds(50)
            let wished = ContinuousClock.now + .milliseconds(query.waitMs)
            let report = await health.watch(
                query.service,
                differsFrom: status(query.known),
                until: min(wished, context.deadline - margin)
            )
            return try reply(report)
        }
    }

    private static func reply(_ report: HealthState.Report?) throws -> Wire.HealthCheckReply {
        guard let report else {
            throw RPCError(
                .notFound,
                "no such service here",
                field: "service",
                remedy: "Reflection.ListServices names them; empty asks for the whole process"
            )
        }
        var reply = Wire.HealthCheckReply()
        reply.status =
            switch report.status {
            case .unknown: .unknown
            case .serving: .serving
            case .notServing: .notServing
            }
        reply.reasons = report.reasons
        return reply
    }

    private static func status(_ wire: Wire.ServingStatus) -> HealthState.Status {
        switch wire {
        case .serving: .serving
        case .notServing: .notServing
        case .unknown, .unrecognized: .unknown
        }
    }

    // MARK: - Reflection

    /// The services of the contract of which this server answers at least one method.
    private static func services(_ implemented: Set<String>) -> [ServiceCatalog.Service] {
        ServiceCatalog.services.filter { service in
            service.methods.contains { implemented.contains($0.fullName) }
        }
    }

    private static func registerReflection(on router: inout Router) {
        let own = [Methods.reflectionListServices.fullName, Methods.reflectionDescribe.fullName]
        let implemented = Set(router.methodNames + own + [Methods.serverInfo.fullName])
        router.register(Methods.reflectionListServices) { _, _ in
            var reply = Wire.ListServicesReply()
            reply.services = services(implemented).map { describe($0, implemented) }
            return reply
        }
        router.register(Methods.reflectionDescribe) { _, _ in
            var reply = Wire.DescribeReply()
            reply.fileDescriptorSet = ServiceCatalog.fileDescriptorSet
            return reply
        }
    }

    private static func describe(
        _ service: ServiceCatalog.Service,
        _ implemented: Set<String>
    ) -> Wire.ServiceDescription {
        var description = Wire.ServiceDescription()
        description.name = service.name
        description.methods = service.methods.map { entry in
            var method = Wire.MethodDescription()
            method.name = entry.name
            method.requestType = entry.requestType
            method.replyType = entry.replyType
            method.isImplemented = implemented.contains(entry.fullName)
            return method
        }
        return description
    }

    // MARK: - Server

    private static func registerServer(
        on router: inout Router,
        _ info: ServerDescription,
        _ settings: RPCServer.Settings
    ) {
        var reply = Wire.ServerInfo()
        reply.programVersion = info.programVersion
        reply.protocolVersion = RPCLimits.protocolVersion
        reply.services = services(Set(router.methodNames + [Methods.serverInfo.fullName])).map(
            \.name
        )
        reply.features = info.features.map(\.rawValue)
        reply.limits = limits(info, settings)
        reply.kernelVariant = info.kernelVariant
        reply.blasCore = info.blasCore
        reply.tenant = info.tenant
        reply.startedMs = info.startedMilliseconds
        let fixed = reply
        router.register(Methods.serverInfo) { _, _ in fixed }
    }

    private static func limits(
        _ info: ServerDescription,
        _ settings: RPCServer.Settings
    ) -> Wire.Limits {
        var limits = Wire.Limits()
        limits.maxK = UInt32(EventLimits.maxK)
        limits.maxEventsPerBatch = UInt32(EventLimits.maxBatch)
        limits.maxStringBytes = UInt32(EventLimits.maxStringBytes)
        limits.maxQueryTextBytes = UInt32(EventLimits.maxQueryTextBytes)
        limits.maxTags = UInt32(EventLimits.maxTags)
        limits.maxExcludedItems = UInt32(EventLimits.maxExcludedItems)
        limits.minInstantMs = EventLimits.instants.lowerBound.millisecondsSinceEpoch
        limits.maxInstantMs = EventLimits.instants.upperBound.millisecondsSinceEpoch - 1
        limits.maxQueryFrameBytes = UInt32(
            min(settings.maxFrameBytes, RPCLimits.maxQueryFrameBytes)
        )
        limits.maxIngestFrameBytes = UInt32(
            min(settings.maxFrameBytes, RPCLimits.maxIngestFrameBytes)
        )
        limits.maxDeadlineMs = settings.maxDeadline.wireMilliseconds
        limits.maxMessageDepth = UInt32(DecodeLimits.maxDepth)
        limits.maxInFlight = UInt32(settings.maxInFlight)
        limits.deduplicationEvents = info.deduplicationEventCount
        limits.deduplicationDays = info.deduplicationDays
        return limits
    }
}
