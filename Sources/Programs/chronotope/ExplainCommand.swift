import ArgumentParser
import Client
import CommandLineTools

/// A user and an item, each with or without its flag.
struct PairOptions: ParsableArguments {
    @Argument(help: "The user's id.") var userArgument: String?
    @Argument(help: "The item's id.") var itemArgument: String?
    @Option(name: .customLong("user"), help: "The user as an option.") var userOption: String?
    @Option(name: .customLong("item"), help: "The item as an option.") var itemOption: String?

    func validate() throws {
        _ = try user()
        _ = try item()
    }

    func user() throws -> String { try NamedArgument.value(userArgument, userOption, "user") }

    func item() throws -> String { try NamedArgument.value(itemArgument, itemOption, "item") }
}

/// `chronotope explain`: the exact parts of one item's score.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "The exact parts of one item's score for a user, and its rank.",
        discussion: "Example:\n  chronotope explain 69 4bf58dd8"
    )

    @OptionGroup var pair: PairOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let request = try Chronotope_V1_ExplainRequest(pair, list)
        let reply = try await remote.client().explain(request)
        try remote.show(reply) { reply.lines }
    }
}

/// `chronotope why-not`: why an item is not in a user's answer.
struct WhyNotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why-not",
        abstract: "Why an item is not in a user's answer.",
        discussion: "Example:\n  chronotope why-not 69 4bf58dd8"
    )

    @OptionGroup var pair: PairOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let request = try Chronotope_V1_ExplainRequest(pair, list)
        let reply = try await remote.client().explainAbsence(request)
        try remote.show(reply) { reply.lines }
    }
}

extension Chronotope_V1_ExplainRequest {
    fileprivate init(_ pair: PairOptions, _ list: ListOptions) throws {
        self.init()
        request = try list.request(user: pair.user())
        item = try pair.item()
    }
}

extension Chronotope_V1_Explanation {
    var lines: [String] {
        var head = "\(item.name)  \(Readable.score(item.score))"
        if rank > 0 { head += "  rank \(rank)" }
        if item.hasDistance { head += "  " + Readable.distance(meters: item.distance.meters) }
        var lines = [head] + item.reasonLines.map { "  " + $0 }
        if !excludedBecause.isEmpty { lines.append("not eligible: \(excludedBecause)") }
        if hasProvenance { lines.append(provenance.line) }
        return lines
    }
}
