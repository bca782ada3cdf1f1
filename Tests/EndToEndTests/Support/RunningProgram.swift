import Foundation
import Glibc
import Synchronization

/// What a program left behind.
struct Outcome: Sendable, CustomStringConvertible {
    var status: Int32
    var output: String
    var errors: String

    var description: String { "exit \(status)\nstdout: \(output)\nstderr: \(errors)" }
}

/// A program under way; whoever starts it ends it by its id.
final class RunningProgram: Sendable {
    let processID: Int32
    private let outputPath: String
    private let errorsPath: String
    private let status = Status()

    private final class Status: Sendable {
        let code = Mutex<Int32?>(nil)
    }

    /// Starts `program` with its output going to files in `scratch`.
    ///
    /// - Parameter environment: goes over this process's own, whose CHRONOTOPE_ settings are left out.
    init(
        _ program: String,
        _ arguments: [String],
        in scratch: Scratch,
        environment: [String: String] = [:]
    ) throws {
        let name = "run-\(UInt64.random(in: .min ... .max))"
        outputPath = scratch.file(name + ".out")
        errorsPath = scratch.file(name + ".err")
        for path in [outputPath, errorsPath] {
            try Data().write(to: URL(fileURLWithPath: path))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("CHRONOTOPE_") }
            .merging(environment) { $1 }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
        let errors = try FileHandle(forWritingTo: URL(fileURLWithPath: errorsPath))
        defer {
            try? output.close()
            try? errors.close()
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        process.terminationHandler = { [status] ended in
            // A shell's convention: 128 and the signal.
            let bySignal = ended.terminationReason == .uncaughtSignal
            let code = bySignal ? 128 + ended.terminationStatus : ended.terminationStatus
            status.code.withLock { $0 = code }
        }
        try process.run()
        processID = process.processIdentifier
    }

    var hasEnded: Bool { status.code.withLock { $0 != nil } }
    var output: String { Self.text(outputPath) }
    var errors: String { Self.text(errorsPath) }

    func send(_ signal: Int32) {
        if !hasEnded { _ = kill(processID, signal) }
    }

    /// What it left once it has ended by itself; killed and an error where it does not in time.
    func outcome(within limit: Duration) async throws -> Outcome {
        do {
            try await waitUntil("process \(processID) ends", within: limit) { hasEnded }
        } catch {
            try? await end()
            throw EndToEndFailure("\(error)\nstdout: \(output)\nstderr: \(errors)")
        }
        let code = status.code.withLock { $0 ?? -1 }
        return Outcome(status: code, output: output, errors: errors)
    }

    /// kill -9, and waits until it is gone.
    func end() async throws {
        send(SIGKILL)
        try await waitUntil("process \(processID) is gone", within: .seconds(20)) { hasEnded }
    }

    /// Runs a program to its end.
    static func run(
        _ program: String,
        _ arguments: [String],
        in scratch: Scratch,
        environment: [String: String] = [:],
        within limit: Duration = .seconds(120)
    ) async throws -> Outcome {
        let program = try RunningProgram(
            program,
            arguments,
            in: scratch,
            environment: environment
        )
        return try await program.outcome(within: limit)
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
