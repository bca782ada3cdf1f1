// swift-tools-version: 6.2
import PackageDescription

// Every target keeps the same rules: Swift 6 mode, warnings are errors, unsafe code is marked.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let cSettings: [CSetting] = [.enableWarning("all"), .treatAllWarnings(as: .error)]
let cxxSettings: [CXXSetting] = [.enableWarning("all"), .treatAllWarnings(as: .error)]
// Kernels are held to speed; -O2 leaves out unrolling that they rely on.
let kernelSettings: [CSetting] = cSettings + [.unsafeFlags(["-O3"])]

typealias Dependency = Target.Dependency

func swift(_ folder: String, _ name: String, _ dependencies: [Dependency]) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/\(folder)/\(name)",
        swiftSettings: settings
    )
}
func core(_ name: String, _ dependencies: [Dependency] = []) -> Target {
    swift("Core", name, dependencies)
}
func edge(_ name: String, _ dependencies: [Dependency] = []) -> Target {
    swift("Edges", name, dependencies)
}
func service(_ name: String, _ dependencies: [Dependency] = []) -> Target {
    swift("Services", name, dependencies)
}
func program(_ name: String, _ dependencies: [Dependency] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Sources/Programs/\(name)",
        swiftSettings: settings
    )
}
func benchmark(_ folder: String, name: String, _ dependencies: [Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Benchmarks/\(folder)",
        swiftSettings: settings
    )
}
func system(_ name: String, pkgConfig: String? = nil) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig)
}
func tests(_ name: String, _ dependencies: [Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: dependencies,
        swiftSettings: settings
    )
}
func product(_ name: String, _ package: String) -> Dependency {
    .product(name: name, package: package)
}

let argumentParser = product("ArgumentParser", "swift-argument-parser")
let configuration = product("Configuration", "swift-configuration")
let crypto = product("Crypto", "swift-crypto")
let flyingFox = product("FlyingFox", "FlyingFox")
let flyingSocks = product("FlyingSocks", "FlyingFox")
let grdb = product("GRDB", "GRDB.swift")
let logging = product("Logging", "swift-log")
let orderedCollections = product("OrderedCollections", "swift-collections")
let protobuf = product("SwiftProtobuf", "swift-protobuf")
let serviceLifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let unixSignals = product("UnixSignals", "swift-service-lifecycle")

let package = Package(
    name: "chronotope",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle",
            exact: "2.13.0"
        ),
    ],
    targets: [
        // C: system libraries, generated messages, threads, kernels, the geometry shim.
        system("CNNG"),
        system("CProtobufC", pkgConfig: "libprotobuf-c"),
        system("CBLAS"),
        system("CCompression"),
        .target(
            name: "CMessages",
            dependencies: ["CProtobufC"],
            path: "Sources/C/CMessages",
            publicHeadersPath: "Generated",
            cSettings: cSettings,
            linkerSettings: [.linkedLibrary("protobuf-c")]
        ),
        .target(name: "CThreads", path: "Sources/C/CThreads", cSettings: cSettings),
        .target(name: "CKernels", path: "Sources/C/CKernels", cSettings: kernelSettings),
        .target(
            name: "CS2",
            path: "Sources/C/CS2",
            cxxSettings: cxxSettings,
            linkerSettings: [.linkedLibrary("s2")]
        ),

        // Core: pure, no I/O, no clock, no logger.
        core("Events", ["CS2", orderedCollections]),
        core("Workers", ["CThreads"]),
        core("Kernels", ["CKernels"]),
        core("Cleaning", ["Embeddings", "Events", "Propagation"]),
        core("Graphs", ["Events"]),
        core("Embeddings", ["Kernels"]),
        core("Propagation", ["Graphs", "Kernels", "Workers", "CBLAS"]),
        core("Models", ["Events", "Graphs", "Propagation", "Kernels", "Embeddings", "Workers"]),
        core(
            "Training",
            [
                "Cleaning", "Embeddings", "Events", "Graphs", "Kernels", "Models", "Propagation",
                "Workers",
            ]
        ),
        core("Patterns", ["Events", "Models", "Propagation", "Workers"]),
        core("Charts", ["Events"]),
        core("Alerts", ["Events", "Patterns"]),
        core("Privacy", ["Events"]),
        core("Ranking", ["Events", "Embeddings", "Kernels"]),
        core(
            "Evaluation",
            [
                "Events", "Graphs", "Kernels", "Models", "Propagation", "Ranking", "Training",
                "Workers",
            ]
        ),
        core(
            "Reporting",
            ["Charts", "Cleaning", "Evaluation", "Events", "Models", "Patterns", "Training"]
        ),

        // Edges: what touches disk, network or the wire.
        edge("EventLog", ["Kernels"]),
        edge("ModelStorage", ["Embeddings", "Kernels", crypto]),
        edge("Metadata", ["Privacy", grdb]),
        edge("StoreStatus", ["ModelStorage", "RPC"]),
        edge("LogFollowing", ["Events", "Messages", "RPC"]),
        edge("DataFiles", ["Events", "CCompression"]),
        edge("PatternFiles", ["Events", "Patterns"]),
        edge("Messages", ["CMessages", "CProtobufC", "Events", "Ranking"]),
        edge("RPC", ["Events", "Messages", logging]),
        edge("NNGTransport", ["RPC", "Messages", "CNNG", logging]),

        // What the command line makes of texts: pure, so that tests reach it.
        edge("CommandLineTools", ["Client", "DataFiles", "Events"]),

        edge("Launching"),
        edge(
            "Daemon",
            [
                "Launching", "RPC", configuration, flyingFox, flyingSocks, logging,
                serviceLifecycle, unixSignals,
            ]
        ),

        // Services: one folder each; none imports another, nor a transport.
        service("IngestService", ["EventLog", "Events", "Messages", "RPC", "Workers"]),
        service(
            "TrainingService",
            [
                "Cleaning", "Embeddings", "Evaluation", "Events", "Graphs", "LogFollowing",
                "Messages",
                "Metadata", "ModelStorage", "Models", "PatternFiles", "Patterns", "RPC",
                "StoreStatus",
                "Training", "Workers", crypto, logging,
            ]
        ),
        service(
            "ModelService",
            [
                "Cleaning", "Embeddings", "Events", "Kernels", "Messages", "ModelStorage", "Models",
                "PatternFiles", "Patterns", "RPC", "Ranking", "StoreStatus", "Workers", logging,
            ]
        ),
        service("QueryService", ["Events", "Messages", "ModelStorage", "RPC", "Ranking"]),
        service(
            "ReleaseService",
            [
                "Cleaning", "Events", "LogFollowing", "Messages", "Metadata", "Privacy", "RPC",
                "Workers",
            ]
        ),
        service(
            "AlertService",
            ["Alerts", "Events", "LogFollowing", "Messages", "RPC", "Workers", logging]
        ),
        service("Client", ["RPC", protobuf]),

        program(
            "chronotoped",
            [
                "AlertService", "Alerts", "Daemon", "EventLog", "Events", "IngestService",
                "Kernels", "Launching", "ModelService", "ModelStorage", "NNGTransport", "Privacy",
                "QueryService", "RPC", "ReleaseService", "TrainingService", "Workers", logging,
            ]
        ),
        program(
            "chronotope",
            [
                "Alerts", "Charts", "Cleaning", "Client", "CommandLineTools", "DataFiles",
                "Embeddings", "Evaluation", "Events", "Kernels", "Launching", "Messages",
                "Metadata", "ModelService", "ModelStorage", "Models", "NNGTransport",
                "PatternFiles", "Patterns", "Privacy", "Propagation", "RPC", "Reporting",
                "Training", "Workers",
                argumentParser, crypto, protobuf,
            ]
        ),

        benchmark(
            "Soak",
            name: "soak",
            [
                "DataFiles", "Launching", "Messages", "NNGTransport", "RPC", argumentParser,
                unixSignals,
            ]
        ),

        // What tests of several services share: a whole system in one process, generators, a clock.
        .target(
            name: "TestSupport",
            dependencies: [
                "EventLog", "Events", "IngestService", "Messages", "ModelService", "ModelStorage",
                "QueryService", "RPC", "TrainingService", "Workers", logging,
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        tests("Workers", ["Workers"]),
        tests("Kernels", ["Kernels"]),
        tests("Embeddings", ["Embeddings", "Kernels"]),
        tests("Graphs", ["Events", "Graphs"]),
        tests("Propagation", ["Graphs", "Propagation", "Workers"]),
        tests("Models", ["Embeddings", "Events", "Models", "Workers"]),
        tests(
            "Training",
            [
                "Embeddings", "Events", "Graphs", "Models", "Propagation", "Training", "Workers",
            ]
        ),
        tests(
            "Evaluation",
            [
                "DataFiles", "Embeddings", "Evaluation", "Events", "Models", "Training", "Workers",
            ]
        ),
        tests(
            "Patterns",
            ["Cleaning", "DataFiles", "Events", "PatternFiles", "Patterns", "Workers"]
        ),
        tests("Charts", ["Charts"]),
        tests("Reporting", ["Charts", "Cleaning", "Events", "Patterns", "Reporting", "Workers"]),
        tests("Cleaning", ["Cleaning", "DataFiles", "Embeddings", "Events", "Propagation"]),
        tests("DataFiles", ["CCompression", "Cleaning", "DataFiles", "Events"]),
        tests("Events", ["Events"]),
        tests("EventLog", ["EventLog", "Kernels"]),
        tests(
            "Daemon",
            ["Daemon", flyingFox, flyingSocks, logging, serviceLifecycle, unixSignals]
        ),
        tests("Launching", ["Launching"]),
        tests("Messages", ["Events", "Messages"]),
        tests("Client", ["Client", "Messages", "RPC", logging, protobuf]),
        tests("CommandLineTools", ["Client", "CommandLineTools", "DataFiles", "Events"]),
        tests("ModelStorage", ["ModelStorage", "Embeddings"]),
        tests("RPC", ["Messages", "RPC", logging]),
        tests("NNGTransport", ["Messages", "NNGTransport", "RPC", logging]),
        tests("Ranking", ["Events", "Ranking"]),
        tests("Metadata", ["Metadata", "Privacy"]),
        tests("Alerts", ["Alerts", "Cleaning", "DataFiles", "Events", "Patterns"]),
        tests("Privacy", ["Cleaning", "DataFiles", "Events", "Privacy"]),
        tests(
            "IngestService",
            [
                "EventLog", "Events", "IngestService", "Messages", "RPC", "TestSupport", "Workers",
            ]
        ),
        tests(
            "TrainingService",
            [
                "Events", "Messages", "Metadata", "ModelStorage", "RPC", "StoreStatus",
                "TestSupport", "TrainingService",
            ]
        ),
        tests(
            "ModelService",
            ["Events", "Messages", "ModelService", "ModelStorage", "RPC", "TestSupport"]
        ),
        tests(
            "QueryService",
            ["Events", "Messages", "ModelStorage", "QueryService", "RPC", "TestSupport"]
        ),
        tests(
            "ReleaseService",
            ["Events", "Messages", "Privacy", "RPC", "ReleaseService", "TestSupport", "Workers"]
        ),
        tests(
            "AlertService",
            ["AlertService", "Alerts", "Events", "Messages", "RPC", "TestSupport", "Workers"]
        ),
        // What is served of real data sets, by every family.
        tests(
            "RealData",
            ["DataFiles", "Events", "Messages", "ModelStorage", "RPC", "TestSupport"]
        ),
        tests("Tidy"),
        // Drives the built programs only.
        tests("EndToEnd"),
    ],
    cxxLanguageStandard: .cxx17
)

// `CHRONOTOPE_ONLY="RPCTests KernelsTests" swift test` keeps those targets and what they need:
// for sanitizer runs, which rebuild everything, and for quick rounds on one part.
if let only = Context.environment["CHRONOTOPE_ONLY"] {
    var kept = Set(only.split(separator: " ").map(String.init))
    var packages: Set<String> = []
    var hasGrown = true
    while hasGrown {
        hasGrown = false
        for target in package.targets where kept.contains(target.name) {
            for dependency in target.dependencies {
                switch dependency {
                case .targetItem(let name, _), .byNameItem(let name, _):
                    hasGrown = kept.insert(name).inserted || hasGrown
                case .productItem(_, let package, _, _):
                    packages.insert(package ?? "")
                @unknown default:
                    break
                }
            }
        }
    }
    package.targets = package.targets.filter { kept.contains($0.name) }
    package.dependencies = package.dependencies.filter { dependency in
        guard case .sourceControl(_, let location, _) = dependency.kind else { return true }
        return packages.contains { location.hasSuffix("/\($0)") }
    }
}
