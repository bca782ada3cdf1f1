package import Logging

/// How one call went, without its payload.
package struct CallRecord: Sendable {
    package var requestID: [UInt8]
    package var method: String
    package var code: StatusCode
    package var duration: Duration
    /// Whether it was refused before a handler saw it.
    package var isRejected: Bool
    /// What the handler threw, where that was not an `RPCError`; for the log only.
    package var unmappedError: String?
}

/// Sees every call begin and end, also those that are refused before any handler: what logs and
/// counts. Limits are `AdmissionGate`'s. Called on hot paths, also from a transport's own threads: be
/// quick, never block.
package protocol CallObserver: Sendable {
    /// Admitted.
    func began(method: String)
    /// Answered, once for every call; a refused one never began.
    func answered(_ record: CallRecord)
    /// The handler is done. It may go on after an answer that its deadline forced.
    func ended(method: String)
}

/// Counts calls: `chronotope_rpc_requests_total{method,code}`,
/// `chronotope_rpc_duration_seconds{method}`, `chronotope_rpc_inflight`,
/// `chronotope_rpc_rejected_total`.
package final class MetricsObserver: CallObserver {
    /// A caller names methods, so only registered ones become labels.
    private static let unknownMethod = "unknown"

    private final class MethodMetrics: Sendable {
        let byCode = Locked<[StatusCode: Counter]>([:])
        let duration: Histogram

        init(_ duration: Histogram) {
            self.duration = duration
        }
    }

    private let registry: MetricsRegistry
    private let methods: [String: MethodMetrics]
    private let inFlight: Gauge
    private let rejected: Counter

    package init(_ registry: MetricsRegistry, methods names: [String]) {
        self.registry = registry
        let pairs = (names + [Self.unknownMethod]).map { name in
            let duration = registry.histogram(
                "chronotope_rpc_duration_seconds",
                help: "From arrival to reply, in seconds.",
                labels: ["method": name]
            )
            return (name, MethodMetrics(duration))
        }
        methods = Dictionary(pairs) { first, _ in first }
        inFlight = registry.gauge(
            "chronotope_rpc_inflight",
            help: "Handlers at work."
        )
        rejected = registry.counter(
            "chronotope_rpc_rejected_total",
            help: "Calls refused before a handler saw them."
        )
    }

    package func began(method: String) {
        inFlight.add(1)
    }

    package func ended(method: String) {
        inFlight.add(-1)
    }

    package func answered(_ record: CallRecord) {
        if record.isRejected { rejected.add() }
        let name = methods[record.method] == nil ? Self.unknownMethod : record.method
        guard let metrics = methods[name] else { return }
        metrics.duration.observe(record.duration.seconds)
        counter(metrics, name, record.code).add()
    }

    private func counter(
        _ metrics: MethodMetrics,
        _ name: String,
        _ code: StatusCode
    ) -> Counter {
        metrics.byCode.withLock { byCode in
            if let known = byCode[code] { return known }
            let made = registry.counter(
                "chronotope_rpc_requests_total",
                help: "Calls answered, by method and status code.",
                labels: ["method": name, "code": code.name]
            )
            byCode[code] = made
            return made
        }
    }
}

/// Writes a line a call: request id, method, code, duration; never a payload.
///
/// Successes and refusals are debug lines, since a flood of them must not become a flood of log;
/// our own failures are errors.
package struct LoggingObserver: CallObserver {
    private let logger: Logger

    package init(_ logger: Logger) {
        self.logger = logger
    }

    package func began(method: String) {}

    package func ended(method: String) {}

    package func answered(_ record: CallRecord) {
        let level = level(of: record)
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "request_id": "\(hexText(record.requestID))",
            "method": "\(record.method)",
            "code": "\(record.code.name)",
            "duration_ms": "\(record.duration.seconds * 1_000)",
        ]
        if let error = record.unmappedError { metadata["error"] = "\(error)" }
        logger.log(level: level, "call answered", metadata: metadata)
    }

    private func level(of record: CallRecord) -> Logger.Level {
        if record.isRejected { return .debug }
        switch record.code {
        case .internalError, .dataLoss, .unknown: return .error
        case .unavailable, .deadlineExceeded: return .notice
        case .ok, .cancelled, .invalidArgument, .notFound, .alreadyExists, .permissionDenied,
            .resourceExhausted, .failedPrecondition, .aborted, .outOfRange, .unimplemented,
            .unauthenticated:
            return .debug
        }
    }
}
