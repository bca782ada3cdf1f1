import Daemon
import Foundation
import Glibc
import Kernels
import Launching
import Logging
import RPC

/// The server program: reads its settings, then runs the services of its role.
@main
enum Chronotoped {
    private enum ExitCode: Int32 { case ended = 0, failed = 1, refusedSettings = 2 }

    static func main() async {
        ProcessEnvironment.reexecuteIfNeeded()
        if let name = ProcessEnvironment.kernelVariant {
            do throws(KernelVariantError) {
                try KernelVariant.choose(named: name)
            } catch {
                complain("CHRONOTOPE_ISA=\(error.place): \(error.problem)\n  \(error.remedy)")
                exit(ExitCode.refusedSettings.rawValue)
            }
        }
        let code = await run(Array(CommandLine.arguments.dropFirst()))
        StandardErrorLog.flush()
        exit(code.rawValue)
    }

    private static func run(_ arguments: [String]) async -> ExitCode {
        do throws(ConfigurationErrors) {
            return try await perform(DaemonCommand(arguments: arguments))
        } catch {
            error.all.forEach { complain("\($0)") }
            return .refusedSettings
        }
    }

    private static func perform(
        _ command: DaemonCommand
    ) async throws(ConfigurationErrors) -> ExitCode {
        switch command {
        case .help: print(ConfigurationText.help())
        case .version: print(ProgramText.version)
        case .configExample: print(ConfigurationText.exampleFile())
        case .configTable: print(ConfigurationText.markdownTable())
        case .configShow(let role, let flags):
            print(ConfigurationText.show(try resolve(role, flags).entries()))
        case .configCheck(let file):
            let errors = ResolvedConfiguration.check(file: file, readFile: read)
            guard errors.isEmpty else { throw ConfigurationErrors(all: errors) }
            print("\(file): good")
        case .run(let role, let flags):
            return await serve(DaemonConfiguration(try resolve(role, flags)))
        }
        return .ended
    }

    private static func serve(_ configuration: DaemonConfiguration) async -> ExitCode {
        let metrics = MetricsRegistry()
        let dropped = metrics.counter(
            "chronotope_log_lines_dropped_total",
            help: "Log lines lost because stderr was not read in time."
        )
        StandardErrorLog.install(level: configuration.logLevel, format: configuration.logFormat) {
            dropped.add()
        }
        var logger = Logger(label: "chronotoped")
        logger[metadataKey: "role"] = "\(configuration.role.rawValue)"
        let assembly = Assembly(
            configuration: configuration,
            metrics: metrics,
            logger: logger
        )
        let daemon = Daemon(
            configuration: configuration,
            readiness: Readiness(),
            metrics: { assembly.metricsText() },
            onDraining: { assembly.beginDraining() },
            logger: logger
        )
        do {
            try await daemon.run { try await assembly.components() }
            logger.notice("ended")
            return .ended
        } catch {
            logger.critical("ended by a failure", metadata: ["error": "\(error)"])
            return .failed
        }
    }

    private static func resolve(
        _ role: Role,
        _ flags: [String]
    ) throws(ConfigurationErrors) -> ResolvedConfiguration {
        try ResolvedConfiguration(
            role: role,
            flags: flags,
            environment: ProcessInfo.processInfo.environment,
            readFile: read
        )
    }

    private static func read(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private static func complain(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data("chronotoped: \(line)\n".utf8))
    }
}
