import ArgumentParser
import Client

/// `chronotope similar`: items like an item, or users like a user.
struct SimilarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "similar",
        abstract: "Items like an item, or users like a user.",
        discussion: """
            Examples:
              chronotope similar --item 4bf58dd8 -k 5
              chronotope similar --user 69
            """
    )

    @Option(help: "Items like this one.") var item: String?
    @Option(help: "Users like this one.") var user: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard (item == nil) != (user == nil) else {
            throw ValidationError("give either --item or --user")
        }
    }

    func run() async throws {
        let client = try await remote.client()
        let reply =
            if let item {
                try await client.similarItems(list.request(item: item))
            } else {
                try await client.similarUsers(list.request(user: user ?? ""))
            }
        try remote.show(reply) { reply.lines }
    }
}
