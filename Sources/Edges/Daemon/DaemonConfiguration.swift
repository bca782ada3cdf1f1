import Foundation

/// The settings as values: parsed once, nothing inside checks them again.
package struct DaemonConfiguration: Sendable {
    package let role: Role
    package let tenant: TenantID
    /// The folder of all tenants.
    package let dataFolder: String
    /// Empty: the tenant's own key file.
    package let userHashKeyFile: String
    package let logLevel: String
    package let logFormat: LogFormat
    /// Where this process serves, by its role.
    package let listenAddress: String
    package let ingestAddress: String
    package let trainingAddress: String
    package let modelAddresses: [String]
    /// Nil: no admin port.
    package let adminListen: HostPort?
    package let shards: ShardSelection
    /// At least 1.
    package let threadCount: Int
    /// How long a scoring thread looks for work before it sleeps.
    package let spin: Duration
    /// At least 1.
    package let trainThreadCount: Int
    /// Nil, here and below: never.
    package let trainInterval: Duration?
    package let trainAfterEvents: Int?
    /// 0...1.
    package let trainOnDriftShare: Double?
    /// Above 0.
    package let privacyEpsilon: Double
    /// Of a user in 30 days; above 0.
    package let alertFalseAlarms: Double
    package let maxInFlight: Int
    package let drainDelay: Duration
    package let drainTimeout: Duration

    /// How long a drain waits for calls in work: the rest of `drainTimeout` is for the last replies, the
    /// listener's end and the last flush.
    package var callDrainTimeout: Duration { drainTimeout * Self.callShareOfDrain }
    private static let callShareOfDrain = 0.75

    /// - Precondition: `resolved` was read with `DaemonOptions.schema`, whose checks it relies on.
    package init(_ resolved: ResolvedConfiguration) {
        guard let tenant = TenantID(resolved.text("tenant")),
            let shards = ShardSelection(resolved.text("shards")),
            let logFormat = LogFormat(rawValue: resolved.text("log-format"))
        else { preconditionFailure("a value passed its option and is refused by its type") }
        self.tenant = tenant
        self.shards = shards
        self.logFormat = logFormat
        role = resolved.role
        dataFolder = resolved.text("data-folder")
        userHashKeyFile = resolved.text("user-hash-key-file")
        logLevel = resolved.text("log-level")
        listenAddress = resolved.text(Self.listenOption(for: resolved.role))
        ingestAddress = resolved.text("ingest-address")
        trainingAddress = resolved.text("training-address")
        modelAddresses = resolved.list("model-addresses")
        adminListen = HostPort(resolved.text("admin-listen"))
        threadCount = Self.threadCount(resolved.integer("threads"))
        spin = .microseconds(resolved.integer("spin-microseconds"))
        trainThreadCount = Self.threadCount(resolved.integer("train-threads"))
        let (minutes, percent) = (
            resolved.integer("train-every-minutes"), resolved.integer("train-on-drift-percent")
        )
        let events = resolved.integer("train-after-events")
        trainInterval = minutes > 0 ? .seconds(60 * minutes) : nil
        trainAfterEvents = events > 0 ? events : nil
        trainOnDriftShare = percent > 0 ? Double(percent) / 100 : nil
        privacyEpsilon = Double(resolved.integer("privacy-epsilon-hundredths")) / 100
        alertFalseAlarms = Double(resolved.integer("alert-false-alarms-percent")) / 100
        maxInFlight = resolved.integer("max-in-flight")
        drainDelay = .milliseconds(resolved.integer("drain-delay-ms"))
        drainTimeout = .milliseconds(resolved.integer("drain-timeout-ms"))
    }

    /// The option that holds a role's own address.
    package static func listenOption(for role: Role) -> String {
        switch role {
        case .all: "listen"
        case .ingest: "ingest-listen"
        case .train: "training-listen"
        case .model: "model-listen"
        case .query: "query-listen"
        }
    }

    private static func threadCount(_ configured: Int) -> Int {
        configured > 0 ? configured : max(1, ProcessInfo.processInfo.activeProcessorCount)
    }
}
