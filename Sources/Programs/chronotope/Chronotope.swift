import ArgumentParser
import Foundation
import Kernels
import Launching

/// The command line of Chronotope: one subcommand a file.
@main
struct Chronotope: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chronotope",
        abstract: "Recommend from where, when and how people act.",
        version: ProgramVersion.number,
        groupedSubcommands: [
            CommandGroup(
                name: "Data",
                subcommands: [
                    ImportCommand.self, PutCommand.self, FeaturesCommand.self, HideCommand.self,
                    StatsCommand.self, DataCommand.self,
                ]
            ),
            CommandGroup(
                name: "Models",
                subcommands: [
                    TrainCommand.self, RunsCommand.self, VersionsCommand.self,
                    RolloutCommand.self, RollbackCommand.self,
                ]
            ),
            CommandGroup(
                name: "Answers",
                subcommands: [
                    RecommendCommand.self, SimilarCommand.self, TrendingCommand.self,
                    ExplainCommand.self, WhyNotCommand.self, PredictCommand.self,
                    PatternsCommand.self, ReportCommand.self, PlotCommand.self,
                    ReleaseCommand.self, AlertsCommand.self,
                ]
            ),
            CommandGroup(
                name: "Server",
                subcommands: [
                    HealthCommand.self, InfoCommand.self, CallCommand.self, DescribeCommand.self,
                ]
            ),
            CommandGroup(
                name: "Measuring",
                subcommands: [
                    EvaluateCommand.self, ActivityCommand.self, BenchCommand.self, SizeCommand.self,
                ]
            ),
        ]
    )

    static func main() async {
        ProcessEnvironment.reexecuteIfNeeded()
        do {
            try chooseKernels()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    /// CHRONOTOPE_ISA names the variant of the kernels, where it is set.
    private static func chooseKernels() throws {
        guard let name = ProcessEnvironment.kernelVariant else { return }
        do throws(KernelVariantError) {
            try KernelVariant.choose(named: name)
        } catch {
            throw ProgramFailure(
                status: .usage,
                problem: "CHRONOTOPE_ISA=\(error.place): \(error.problem)",
                remedy: error.remedy
            )
        }
    }

    /// Ends the process with the exit status of `error`; requests for help or version end in 0.
    private static func leave(with error: any Error) -> Never {
        if let failure = ProgramFailure(error) {
            StandardError.write(failure.text)
            Foundation.exit(failure.status.rawValue)
        }
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        StandardError.write(fullMessage(for: error))
        Foundation.exit(ExitStatus.usage.rawValue)
    }
}
