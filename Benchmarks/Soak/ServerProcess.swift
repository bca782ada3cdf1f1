import Foundation
import Glibc
import Synchronization
import UnixSignals

/// A server process that this program started; ended by its id.
final class ServerProcess: Sendable {
    let name: String
    let processID: Int32
    /// The moment before it was started.
    let spawned: ContinuousClock.Instant
    private let status: ExitStatus

    /// What the system said when the process ended.
    private final class ExitStatus: Sendable {
        /// An exit code, or the negative number of a signal.
        let code = Mutex<Int32?>(nil)
    }

    /// - Parameter logPath: where its standard error is appended.
    init(
        name: String,
        program: String,
        arguments: [String],
        logPath: String
    ) throws(SoakFailure) {
        self.name = name
        let status = ExitStatus()
        self.status = status
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("CHRONOTOPE_")
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.terminationHandler = { ended in
            LiveProcesses.remove(ended.processIdentifier)
            let bySignal = ended.terminationReason == .uncaughtSignal
            let code = ended.terminationStatus
            status.code.withLock { $0 = bySignal ? -code : code }
        }
        spawned = .now
        do {
            let log = try Self.appending(to: logPath)
            defer { try? log.close() }
            process.standardError = log
            try process.run()
        } catch {
            throw SoakFailure(
                "\(program) does not start: \(error.localizedDescription)",
                remedy: "build it, and leave room in the temporary folder"
            )
        }
        processID = process.processIdentifier
        LiveProcesses.add(processID)
        // It may have ended before it was added.
        if hasEnded { LiveProcesses.remove(processID) }
    }

    var hasEnded: Bool { status.code.withLock { $0 != nil } }

    /// How it ended, for people: "ended by signal 11"; nil while it runs.
    var ending: String? {
        status.code.withLock { $0 }.map { code in
            code < 0 ? "ended by signal \(-code)" : "ended with exit code \(code)"
        }
    }

    /// - Throws: where the process has ended, though nobody killed it.
    func requireAlive() throws(SoakFailure) {
        guard let ending else { return }
        throw SoakFailure("\(name) \(ending) by itself", remedy: "its last log lines may say why")
    }

    /// kill -9, then waits until the process is gone.
    func kill() async throws {
        _ = Glibc.kill(processID, SIGKILL)
        try await waitUntil("\(name) is gone", within: .seconds(10)) { hasEnded }
    }

    /// Resident memory in bytes; 0 once it has ended.
    var residentBytes: Int {
        let text = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first).flatMap { Int($0) }
            .map { $0 * 1024 } ?? 0
    }

    var openFileCount: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count) ?? 0
    }

    private static func appending(to path: String) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) {
            try Data().write(to: URL(fileURLWithPath: path))
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        return file
    }
}

/// Ids of the server processes under way, so that none outlives this program.
enum LiveProcesses {
    private static let ids = Mutex<Set<Int32>>([])

    static func add(_ id: Int32) { ids.withLock { _ = $0.insert(id) } }
    static func remove(_ id: Int32) { ids.withLock { _ = $0.remove(id) } }

    static func killAll() {
        for id in ids.withLock({ $0 }) { _ = Glibc.kill(id, SIGKILL) }
    }

    /// Ends the servers where this program is ended by a signal.
    static func endWithThisProgram() async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        Task.detached {
            for await signal in signals {
                killAll()
                _exit(128 + signal.rawValue)
            }
        }
    }
}

/// Waits, within a bound, until `condition` holds.
func waitUntil(
    _ what: String,
    within limit: Duration,
    every interval: Duration = .milliseconds(2),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard .now < deadline else {
            throw SoakFailure(
                "waited \(limit) in vain until \(what)",
                remedy: "look into the servers' logs: --keep leaves them"
            )
        }
        try await Task.sleep(for: interval)
    }
}
