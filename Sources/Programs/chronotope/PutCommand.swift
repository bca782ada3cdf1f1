import ArgumentParser
import Client
import CommandLineTools
import Foundation
import SwiftProtobuf

/// `chronotope put`: one event from flags, or many from standard input.
struct PutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Append one event, or those that standard input holds.",
        discussion: """
            Without --user, standard input holds one event a line as proto JSON: \
            chronotope describe Event --template.
            Examples:
              chronotope put --user 69 --item 4bf58dd8 --action checkin --at -10m --place 40.7,-74
              echo '{"user":"69","item":"4bf58dd8","action":"like","instantMs":"1360974000000"}' \
            | chronotope put
            """
    )

    @Option(help: "Who acted.") var user: String?
    @Option(help: "On what; none for a search.") var item = ""
    @Option(help: "view, search, buy, like, checkin or any word of yours.") var action = "view"
    @OptionGroup var moment: MomentOptions
    @Option(parsing: .unconditional, help: "What the action measures, as a rating.")
    var value: Double?
    @Option(help: "What a search asked for.") var queryText = ""
    @Option(help: "The event's own id (default: a new random one).") var id = ""
    @Option(help: "The recommendation that led here.") var recommendationID = ""
    @Option(help: "The platform, as ios or web.") var platform = ""
    @Option(help: "The device.") var device = ""
    @Option(help: "The session's id.") var session = ""
    @Option(help: "A tag of the event's context; may be repeated.") var tag: [String] = []
    @OptionGroup var remote: RemoteOptions

    private static let batchSize = 1_000

    func run() async throws {
        let client = try await remote.client(.ingest)
        var total = Chronotope_V1_PutEventsReply()
        if user == nil {
            try await putLines(client, &total)
        } else {
            try await put([event()], client, &total, firstIndex: 0)
        }
        let shown = total
        try remote.show(shown) { shown.lines }
        guard shown.refused.isEmpty else {
            throw ProgramFailure(
                status: .refused,
                problem: "\(shown.refused.count) events were refused",
                remedy: shown.refused.first.map { "\($0.field) \($0.reason): \($0.remedy)" } ?? ""
            )
        }
    }

    private func event() throws -> Chronotope_V1_Event {
        var event = Chronotope_V1_Event()
        event.id = id
        event.user = user ?? ""
        event.item = item
        event.action = action
        let now = Clock.milliseconds
        if let time = try moment.wireTime() {
            guard !time.isHidden else { throw ValidationError("an event needs a time") }
            event.instantMs = time.instantMs
            event.utcOffsetMinutes = time.utcOffsetMinutes
        } else {
            event.instantMs = now
            event.utcOffsetMinutes = Int32(Clock.utcOffsetMinutes(at: now))
        }
        if let place = try moment.wirePlace() { event.place = place }
        if let value { event.value.amount = value }
        event.queryText = queryText
        event.recommendationID = recommendationID
        if !(platform + device + session).isEmpty || !tag.isEmpty {
            event.context.platform = platform
            event.context.device = device
            event.context.session = session
            event.context.tags = tag
        }
        return event
    }

    private func putLines(
        _ client: ChronotopeClient,
        _ total: inout Chronotope_V1_PutEventsReply
    ) async throws {
        var events: [Chronotope_V1_Event] = []
        var lineNumber = 0
        while let line = readLine() {
            lineNumber += 1
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            do {
                events.append(try Chronotope_V1_Event(jsonString: line))
            } catch {
                throw ProgramFailure(
                    status: .usage,
                    problem: "line \(lineNumber) is no event: \(error); "
                        + "\(lineNumber - 1 - events.count) lines before it are in",
                    remedy: "chronotope describe Event --template prints an empty one"
                )
            }
            if events.count == Self.batchSize {
                try await put(events, client, &total, firstIndex: lineNumber - events.count)
                events = []
            }
        }
        guard !events.isEmpty else { return }
        try await put(events, client, &total, firstIndex: lineNumber - events.count)
    }

    /// An event without an id gets a random one, so that a repeated call appends it once.
    private func put(
        _ events: [Chronotope_V1_Event],
        _ client: ChronotopeClient,
        _ total: inout Chronotope_V1_PutEventsReply,
        firstIndex: Int
    ) async throws {
        var request = Chronotope_V1_PutEventsRequest()
        request.events = events.map { event in
            var event = event
            if event.id.isEmpty { event.id = UUID().uuidString.lowercased() }
            return event
        }
        let reply: Chronotope_V1_PutEventsReply = try await client.call(
            "chronotope.v1.Ingest/PutEvents",
            request,
            isRepeatable: true
        )
        if total.endOffset == 0 { total.firstOffset = reply.firstOffset }
        total.endOffset = max(total.endOffset, reply.endOffset)
        total.accepted += reply.accepted
        total.duplicates += reply.duplicates
        total.refused += reply.refused.map { refused in
            var refused = refused
            refused.index += UInt32(firstIndex)
            return refused
        }
    }
}

extension Chronotope_V1_PutEventsReply {
    var lines: [String] {
        ["\(accepted) accepted, \(duplicates) duplicates, \(refused.count) refused"]
            + refused.prefix(20).map { "event \($0.index + 1): \($0.field) \($0.reason)" }
    }
}
