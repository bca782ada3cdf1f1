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
        discussion: """
            Tells the first cause: unknown, hidden, expired, seen, excluded, filtered by which rule, \
            or at which rank; and what would bring the item in. Ask with the flags of the \
            recommendation that lacked it.
            Examples:
              chronotope why-not 69 4bf58dd8
              chronotope why-not 69 4bf58dd8 -k 20 --place 40.7,-74 --radius 500
            """
    )

    @OptionGroup var pair: PairOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let request = try Chronotope_V1_ExplainRequest(pair, list)
        let reply = try await remote.client().explainAbsence(request)
        let item = request.item
        try remote.show(reply) { reply.absenceLines(id: item) }
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
    /// The score, its parts and what they rest on.
    var lines: [String] {
        var lines = [head] + item.reasonLines.map { "  " + $0 }
        let events = item.evidence.filter { !$0.events.isEmpty }
        if !events.isEmpty {
            lines.append("events it rests on:")
            lines += Columns.lines(
                events.flatMap { evidence in evidence.events.map { $0.row(part: evidence.part) } },
                [.left, .right, .left]
            ).map { "  " + $0 }
        }
        if !excludedBecause.isEmpty { lines.append("not eligible: \(excludedBecause)") }
        if hasProvenance { lines.append(provenance.line) }
        return lines
    }

    /// The first cause of an item's absence, and what would change it.
    func absenceLines(id: String) -> [String] {
        let name = item.name.isEmpty ? id : item.name
        var lines: [String]
        switch absence {
        case .none: lines = ["\(name) is in the answer, at rank \(rank)"]
        case .rank:
            let gap = Readable.score(leastScore - item.score)
            lines = [
                "\(name) comes at rank \(rank) of \(eligibleItems); its score is \(gap) below the "
                    + "last one answered"
            ]
        default: lines = ["\(name) is left out: \(excludedBecause)"]
        }
        if !remedy.isEmpty { lines.append("to see it: \(remedy)") }
        if !item.id.isEmpty {
            lines += ["its score: " + head] + item.reasonLines.map { "  " + $0 }
        }
        if hasProvenance { lines.append(provenance.line) }
        return lines
    }

    private var head: String {
        var head = "\(item.name)  \(Readable.score(item.score))"
        if rank > 0 { head += "  rank \(rank)" }
        if item.hasDistance { head += "  " + Readable.distance(meters: item.distance.meters) }
        return head
    }
}

extension Chronotope_V1_EvidenceEvent {
    fileprivate func row(part: String) -> [String] {
        let time = Readable.time(milliseconds: instantMs, utcOffsetMinutes: Int(utcOffsetMinutes))
        let count = times > 1 ? "the last of \(times)" : ""
        return [part, "+" + Readable.score(amount), name, action, time, count]
    }
}
