import ArgumentParser
import Messages
import RPC

/// Do others still get answers while peers on a tcp listener misbehave?
struct HostileSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hostile",
        abstract: "Reset connections and leave replies unread on a tcp listener."
    )

    @Option(help: "How many connections to reset.")
    var resets = 100

    @Option(help: "How many requests to leave unread.")
    var unread = 2_000

    @Option(help: "Longest time without an answer to other clients, in milliseconds.")
    var limitMs = 3_000

    @Option(help: "How much the server's memory may grow, in MiB.")
    var growthMib = 256

    @OptionGroup var options: SoakOptions

    /// For how long others are watched after an attack.
    private static let aftermath = Duration.seconds(1)

    func validate() throws {
        guard resets >= 0, unread >= 0 else {
            throw ValidationError("--resets and --unread must not be negative")
        }
        guard limitMs > 0, growthMib > 0 else {
            throw ValidationError("--limit-ms and --growth-mib must be above 0")
        }
    }

    func run() async throws {
        try await options.run { folder in
            guard let port = RawConnection.freePort() else {
                throw SoakFailure("no tcp port is free", remedy: "end other programs")
            }
            let deployment = folder.listening(.all, on: "tcp://127.0.0.1:\(port)")
            let server = try await deployment.startServing(.all)
            let gaps = try Gaps(deployment)
            try await gaps.waitForAnswers()
            let (memory, files) = (server.residentBytes, server.openFileCount)
            let afterResets = try await gaps.longest(during: Self.aftermath) {
                for _ in 0..<resets { RawConnection(port: port)?.vanish() }
            }
            Progress.say("\(resets) connections were reset")
            var sent = 0
            let afterUnread = try await gaps.longest(during: Self.aftermath) {
                sent = leaveUnread(port: port)
            }
            Progress.say("\(sent) requests were left unread")
            let growth = server.residentBytes - memory
            var report = SoakReport("hostile")
            report.add("resets", .count(resets))
            report.add("unread_requests", .count(sent))
            for (name, worst) in [("resets", afterResets), ("unread", afterUnread)] {
                let limit = Duration.milliseconds(limitMs)
                report.require("worst_gap_open_\(name)_ms", worst.open, atMost: limit)
                report.require("worst_gap_new_\(name)_ms", worst.new, atMost: limit)
            }
            report.require("the server ended", !server.hasEnded)
            report.add("resident_mib", .count(server.residentBytes >> 20))
            report.add("growth_mib", .count(growth >> 20))
            report.require("memory grew by \(growth >> 20) MiB", growth >> 20 <= growthMib)
            report.add("open_files_before", .count(files))
            report.add("open_files_after", .count(server.openFileCount))
            return report
        }
    }

    /// Sends requests with large replies and reads none.
    ///
    /// - Returns: how many were sent before the server took no more.
    private func leaveUnread(port: UInt16) -> Int {
        guard let connection = RawConnection(port: port), connection.greet() else { return 0 }
        let envelope = Wire.Request(
            protocolVersion: RPCLimits.protocolVersion,
            requestId: [UInt8](repeating: 7, count: RPCLimits.requestIDByteCount),
            method: Methods.reflectionDescribe.fullName,
            timeoutMs: 5_000
        ).encoded()
        let deadline = ContinuousClock.now + .seconds(5)
        var sent = 0
        while sent < unread, ContinuousClock.now < deadline {
            guard connection.request(envelope, id: UInt32(sent + 1)) else { break }
            sent += 1
        }
        return sent
    }
}

/// How long other clients go without an answer: one on its open connection, one that connects anew
/// for every call.
private struct Gaps {
    /// The longest times between good answers.
    struct Worst {
        var open: Duration
        var new: Duration
    }

    private let open: GapProbe
    private let new: GapProbe

    init(_ deployment: Deployment) throws {
        let client = try deployment.client(of: .all)
        open = GapProbe { client }
        new = GapProbe { try deployment.client(of: .all) }
    }

    func waitForAnswers() async throws {
        try await waitUntil("others are answered", within: .seconds(10)) {
            let isOpenGood = await open.ask()
            let isNewGood = await new.ask()
            return isOpenGood && isNewGood
        }
    }

    /// Asks during `attack` and for `aftermath` after it, and on until both had another answer.
    func longest(during aftermath: Duration, _ attack: () async -> Void) async throws -> Worst {
        let isOver = Switch()
        async let openGap = open.longestGap(until: isOver)
        async let newGap = new.longestGap(until: isOver)
        await attack()
        try await Task.sleep(for: aftermath)
        isOver.turnOn()
        return await Worst(open: openGap, new: newGap)
    }
}

private struct GapProbe: Sendable {
    let client: @Sendable () throws -> RPCClient

    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(10)

    func ask() async -> Bool {
        let reply = try? await client().call(
            Methods.healthCheck,
            Wire.HealthCheckRequest(),
            timeout: .milliseconds(500)
        )
        return reply != nil
    }

    /// The longest time between two good answers, from now to the first one after `isOver`.
    func longestGap(until isOver: Switch) async -> Duration {
        let start = ContinuousClock.now
        var (last, longest) = (start, Duration.zero)
        while true {
            let isLast = isOver.isOn
            if await ask() {
                longest = max(longest, .now - last)
                last = .now
                if isLast { return longest }
            } else if .now - last > Self.patience {
                return .now - last
            }
            try? await Task.sleep(for: Self.pause)
        }
    }
}
