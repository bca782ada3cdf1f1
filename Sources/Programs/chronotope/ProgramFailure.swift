import Client
import CommandLineTools
import DataFiles
import Evaluation
import Foundation
import Metadata
import Models
import Patterns
import Privacy
import RPC

/// How the program ends; scripts rely on these numbers.
enum ExitStatus: Int32 {
    /// The server, or the work itself, said no.
    case refused = 1
    /// The command line, a file or a folder that it names is wrong.
    case usage = 2
    case unreachable = 3
    case deadline = 4
}

/// An error for the person at the command line: what is wrong, and how to mend it.
struct ProgramFailure: Error {
    var status: ExitStatus
    /// What is printed, line by line.
    var lines: [String]

    init(status: ExitStatus, problem: String, remedy: String) {
        self.status = status
        lines = [problem] + (remedy.isEmpty ? [] : ["Remedy: \(remedy)"])
    }

    init(_ error: StatusError) {
        status = ExitStatus(rawValue: error.exitStatus) ?? .refused
        lines = error.lines
    }

    /// The failure that an error of ours stands for; nil for errors of others.
    init?(_ error: any Error) {
        switch error {
        case let error as ProgramFailure:
            self = error
        case let error as StatusError:
            self.init(error)
        case let error as TransportError:
            self.init(
                status: .usage,
                problem: "\(error.address): \(error.problem)",
                remedy: error.remedy
            )
        case let error as DataFileError:
            let line = error.lineNumber.map { ", line \($0)" } ?? ""
            self.init(
                status: .usage,
                problem: "\(error.path)\(line): \(error.problem)",
                remedy: error.remedy
            )
        case let error as ModelError:
            self.init(
                status: error.code == .notEnoughData ? .refused : .usage,
                problem: "\(error.place): \(error.problem)",
                remedy: error.remedy
            )
        case let error as EvaluationError:
            self.init(
                status: .refused,
                problem: "\(error.place): \(error.problem)",
                remedy: error.remedy
            )
        case let error as PatternError:
            self.init(
                status: error.code == .cancelled ? .refused : .usage,
                problem: "\(error.place): \(error.problem)",
                remedy: error.remedy
            )
        case let error as ReleaseError:
            self.init(
                status: .usage,
                problem: "\(error.place): \(error.problem)",
                remedy: error.remedy
            )
        case let error as BudgetError:
            self.init(
                status: error.code == .exhausted ? .refused : .usage,
                problem: "\(error.place): \(error.problem)",
                remedy: error.remedy
            )
        default:
            return nil
        }
    }

    var text: String { "Error: " + lines.joined(separator: "\n") }
}

/// Where progress and errors go, so that standard output holds results only.
enum StandardError {
    /// Whether a person is watching.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    static func write(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// A line of progress, for a terminal only.
    static func progress(_ text: String) {
        if isTerminal { write(text) }
    }

    /// Writes over the line that the last call wrote; for a terminal only. An empty text clears it.
    static func overwrite(_ text: String) {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
    }
}
