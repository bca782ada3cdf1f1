import ArgumentParser
import Client
import Foundation

/// `chronotope bench releases`: many noisy releases asked for at once.
///
/// Question: how many of them does the budget let through? Each spends budget of the server.
struct ReleasesBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "releases",
        abstract: "Ask a server for noisy releases at once; each one granted spends its budget."
    )

    @Option(help: "How many, 1 to 10000.") var calls = 1_000
    @OptionGroup var release: ReleaseOptions
    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard (1...10_000).contains(calls) else {
            throw ValidationError("--calls must be in 1...10000")
        }
        guard release.epsilon != nil else { throw ValidationError("--epsilon is what is spent") }
    }

    func run() async throws {
        let client = try await remote.client(.training)
        let request = try release.message()
        let outcomes = await withTaskGroup(of: String.self) { group in
            for _ in 0..<calls {
                group.addTask {
                    do throws(StatusError) {
                        _ = try await client.releaseCounts(request)
                        return "granted"
                    } catch {
                        return "\(error.code)"
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        let members = outcomes.mapValues { JSONValue.integer($0) }
        try remote.show(.object(members)) {
            outcomes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        }
    }
}
