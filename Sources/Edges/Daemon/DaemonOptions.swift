/// The settings of `chronotoped`. Help, environment names, file keys and docs are made from this table.
package enum DaemonOptions {
    /// The one setting that a file cannot hold.
    package static let configurationFile = "config"

    /// Most threads and connections that a setting may ask for: far above any machine, far below overflow.
    private static let threadRange = 0...1024

    package static let schema = ConfigurationSchema(general + addresses + limits + triggers)

    private static let general: [ConfigurationOption] = [
        ConfigurationOption(
            configurationFile,
            .path,
            default: "",
            "JSON file with settings; flags and environment go before it"
        ),
        ConfigurationOption(
            "tenant",
            .tenant,
            default: "default",
            "whose data this process serves"
        ),
        ConfigurationOption(
            "data-folder",
            .path,
            default: "./data",
            "folder of TENANT/log, store and meta; made where missing"
        ),
        ConfigurationOption(
            "user-hash-key-file",
            .path,
            default: "",
            "32 random bytes that shard users; empty: TENANT/meta/user-hash.key, made at first start"
        ),
        ConfigurationOption(
            "log-level",
            .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            default: "info",
            "least severe log line that is written"
        ),
        ConfigurationOption(
            "log-format",
            .choice(["auto", "json", "text"]),
            default: "auto",
            "form of log lines on stderr; auto: text on a terminal, else JSON"
        ),
    ]

    private static let addresses: [ConfigurationOption] = [
        ConfigurationOption(
            "listen",
            .address,
            default: "tcp://127.0.0.1:7300",
            "where `all` serves every service"
        ),
        ConfigurationOption(
            "ingest-listen",
            .address,
            default: "tcp://127.0.0.1:7301",
            "where `ingest` serves"
        ),
        ConfigurationOption(
            "training-listen",
            .address,
            default: "tcp://127.0.0.1:7302",
            "where `train` serves"
        ),
        ConfigurationOption(
            "model-listen",
            .address,
            default: "tcp://127.0.0.1:7303",
            "where `model` serves"
        ),
        ConfigurationOption(
            "query-listen",
            .address,
            default: "tcp://127.0.0.1:7304",
            "where `query` serves"
        ),
        ConfigurationOption(
            "ingest-address",
            .address,
            default: "tcp://127.0.0.1:7301",
            "where other services reach ingest"
        ),
        ConfigurationOption(
            "training-address",
            .address,
            default: "tcp://127.0.0.1:7302",
            "where other services reach training"
        ),
        ConfigurationOption(
            "model-addresses",
            .addresses,
            default: "tcp://127.0.0.1:7303",
            "where query reaches the model servers; their shards together are all 64"
        ),
        ConfigurationOption(
            "admin-listen",
            .hostPort,
            default: "127.0.0.1:7400",
            roleDefaults: [
                .ingest: "127.0.0.1:7401", .train: "127.0.0.1:7402", .model: "127.0.0.1:7403",
                .query: "127.0.0.1:7404",
            ],
            "HTTP port of probes and metrics; port 0 lets the system choose; off: none"
        ),
    ]

    private static let limits: [ConfigurationOption] = [
        ConfigurationOption("shards", .shards, default: "0-63", "shards that a model server owns"),
        ConfigurationOption(
            "threads",
            .integer(threadRange),
            default: "0",
            "threads that score; 0: one a core"
        ),
        ConfigurationOption(
            "spin-microseconds",
            .integer(0...10_000),
            default: "500",
            "time a scoring thread looks for the next request before it sleeps: a core that sleeps wakes slowly"
        ),
        ConfigurationOption(
            "train-threads",
            .integer(threadRange),
            default: "0",
            "threads that train; 0: one a core"
        ),
        ConfigurationOption(
            "max-in-flight",
            .integer(1...65_536),
            default: "256",
            "requests in work at once; more are refused with RESOURCE_EXHAUSTED"
        ),
        ConfigurationOption(
            "drain-delay-ms",
            .integer(0...60_000),
            default: "500",
            "time from SIGTERM, when /readyz turns to 503, to the end of accepting"
        ),
        ConfigurationOption(
            "drain-timeout-ms",
            .integer(100...600_000),
            default: "8000",
            "longest wait for requests in work and the last flush"
        ),
    ]
    private static let triggers: [ConfigurationOption] = [
        ConfigurationOption(
            "train-every-minutes",
            .integer(0...527_040),
            default: "0",
            "starts a training run so long after the last one; 0: never"
        ),
        ConfigurationOption(
            "train-after-events",
            .integer(0...1_000_000_000),
            default: "0",
            "starts a run once so many events have come since the last one; 0: never"
        ),
        ConfigurationOption(
            "train-on-drift-percent",
            .integer(0...99),
            default: "0",
            "starts a run when stable's MRR on newer events is so far below that of its training; 0: never"
        ),
        ConfigurationOption(
            "privacy-epsilon-hundredths",
            .integer(1...10_000),
            default: "400",
            "epsilon · 100 that noisy releases may spend of each month of events, for good"
        ),
        ConfigurationOption(
            "alert-false-alarms-percent",
            .integer(1...10_000),
            default: "100",
            "false alarms of routine deviations borne per 100 users and 30 days"
        ),
    ]
}
