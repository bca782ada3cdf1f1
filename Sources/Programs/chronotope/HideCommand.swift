import ArgumentParser
import Client

/// `chronotope hide`: takes an item out of every answer, or brings it back.
struct HideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hide",
        abstract: "Hide an item from every answer, or show it again.",
        discussion: "Examples:\n  chronotope hide 4bf58dd8\n  chronotope hide 4bf58dd8 --show"
    )

    @Argument(help: "The item's id.") var item: String
    @Flag(help: "Show it again.") var show = false
    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        var request = Chronotope_V1_HideItemRequest()
        request.item = item
        request.isHidden = !show
        let reply = try await remote.client(.ingest).hideItem(request)
        try remote.show(reply) { ["\(item) is \(show ? "shown" : "hidden")"] }
    }
}
