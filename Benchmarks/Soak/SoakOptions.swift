import ArgumentParser
import Foundation

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

/// What every soak takes.
struct SoakOptions: ParsableArguments {
    @Option(name: [.customShort("o"), .long], help: "How to print the result: table or json.")
    var output = OutputFormat.table

    @Option(help: "The folder with the built chronotoped; by default the one of this program.")
    var programs = Self.ownFolder

    @Option(help: "The seed of every random choice.")
    var seed: UInt64 = 1

    @Flag(help: "Leave the temporary folder, with the servers' logs, where it is.")
    var keep = false

    private static var ownFolder: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().path
    }

    func validate() throws {
        guard FileManager.default.isExecutableFile(atPath: server) else {
            throw ValidationError("no program \(server): build it, or give --programs")
        }
    }

    var server: String { programs + "/chronotoped" }

    /// Runs `body` on a deployment of its own, ends every server, and prints the report.
    ///
    /// - Throws: `ExitCode(1)` where a promise is broken.
    func run(_ body: (Deployment) async throws -> SoakReport) async throws {
        let deployment = try Deployment(server: server)
        defer { if !keep { deployment.remove() } }
        if keep { Progress.say("files are kept in \(deployment.folder)") }
        let report: SoakReport
        do {
            report = try await body(deployment)
        } catch {
            LiveProcesses.killAll()
            Progress.say(deployment.logTail())
            throw error
        }
        LiveProcesses.killAll()
        if !report.brokenPromises.isEmpty { Progress.say(deployment.logTail()) }
        try report.print(as: output)
        guard report.brokenPromises.isEmpty else { throw ExitCode(1) }
    }
}

/// What a soak measured, and which promises it found broken.
struct SoakReport {
    enum Figure: Encodable {
        case count(Int)
        case milliseconds(Duration)
        case ratio(Double)
        case text(String)
        case texts([String])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .count(let value): try container.encode(value)
            case .milliseconds(let value): try container.encode(value.wholeMilliseconds)
            case .ratio(let value): try container.encode((value * 1000).rounded() / 1000)
            case .text(let value): try container.encode(value)
            case .texts(let values): try container.encode(values)
            }
        }

        var description: String {
            switch self {
            case .count(let value): "\(value)"
            case .milliseconds(let value): "\(value.wholeMilliseconds) ms"
            case .ratio(let value): String(format: "%.3f", value)
            case .text(let value): value
            case .texts(let values): values.isEmpty ? "none" : values.joined(separator: "; ")
            }
        }
    }

    private let name: String
    private var figures: [(name: String, figure: Figure)] = []
    private(set) var brokenPromises: [String] = []

    init(_ name: String) { self.name = name }

    mutating func add(_ name: String, _ figure: Figure) { figures.append((name, figure)) }

    /// Notes a count that must be zero.
    mutating func require(zero name: String, _ count: Int) {
        add(name, .count(count))
        if count != 0 { brokenPromises.append("\(name) is \(count), not 0") }
    }

    /// Notes a time that must not pass `limit`.
    mutating func require(_ name: String, _ duration: Duration, atMost limit: Duration) {
        add(name, .milliseconds(duration))
        if duration > limit {
            let (found, most) = (duration.wholeMilliseconds, limit.wholeMilliseconds)
            brokenPromises.append("\(name) is \(found) ms, above \(most) ms")
        }
    }

    mutating func require(_ promise: String, _ isKept: Bool) {
        if !isKept { brokenPromises.append(promise) }
    }

    /// One line of JSON, or a line a figure.
    func print(as format: OutputFormat) throws {
        let all = [("soak", Figure.text(name))] + figures + [("broken", .texts(brokenPromises))]
        switch format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let object = Dictionary(all, uniquingKeysWith: { $1 })
            FileHandle.standardOutput.write(try encoder.encode(object) + Data("\n".utf8))
        case .table:
            let width = all.map(\.0.count).max() ?? 0
            for (name, figure) in all {
                let padding = String(repeating: " ", count: width - name.count)
                Swift.print("\(name)\(padding)  \(figure.description)")
            }
        }
    }
}

extension Duration {
    var wholeMilliseconds: Int { Int((self / .milliseconds(1)).rounded()) }
}

/// Random choices that a seed repeats: SplitMix64 (Steele, Lea, Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func duration(upToMilliseconds most: Int) -> Duration {
        .milliseconds(Int.random(in: 0...most, using: &self))
    }
}
