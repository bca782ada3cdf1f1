import ArgumentParser
import Foundation
import Launching

/// Holds running servers to their promises while they are killed, swapped and mistreated.
///
/// Every command starts server processes of its own in a temporary folder, ends all of them, prints
/// what it measured and exits with 1 where a promise is broken.
@main
struct Soak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Hold running servers to their promises.",
        version: ProgramVersion.number,
        subcommands: [IngestSoak.self, RestartSoak.self, SwapSoak.self, HostileSoak.self]
    )

    static func main() async {
        ProcessEnvironment.reexecuteIfNeeded()
        await LiveProcesses.endWithThisProgram()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as SoakFailure {
            Progress.say("soak: \(failure.problem)\nsoak: \(failure.remedy)")
            LiveProcesses.killAll()
            Foundation.exit(1)
        } catch {
            LiveProcesses.killAll()
            leave(with: error)
        }
    }

    /// Requests for help and wrong command lines end as argument parsing says; the rest in 1.
    private static func leave(with error: any Error) -> Never {
        switch exitCode(for: error) {
        case .success: exit(withError: error)
        case .validationFailure:
            Progress.say(fullMessage(for: error))
            Foundation.exit(2)
        default:
            Progress.say("soak: \(error)")
            Foundation.exit(1)
        }
    }
}

/// Why a soak could not be carried through; broken promises are reported, not thrown.
struct SoakFailure: Error {
    var problem: String
    var remedy: String

    init(_ problem: String, remedy: String) {
        self.problem = problem
        self.remedy = remedy
    }
}

/// Lines for people, on standard error.
enum Progress {
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
