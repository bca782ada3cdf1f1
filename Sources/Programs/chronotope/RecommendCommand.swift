import ArgumentParser
import Client

/// `chronotope recommend`: what a user may do next.
struct RecommendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract: "What a user may do next, best first.",
        discussion: """
            Examples:
              chronotope recommend 69 -k 5 --why
              chronotope recommend 69 --at 2013-02-16T09:00:00-05:00 --place 40.73,-73.99 --radius 800
            """
    )

    @Argument(help: "The user's id.") var userArgument: String?
    @Option(help: "The same as an option.") var user: String?
    @OptionGroup var list: ListOptions
    @OptionGroup var remote: RemoteOptions

    func validate() throws { _ = try NamedArgument.value(userArgument, user, "user") }

    func run() async throws {
        let user = try NamedArgument.value(userArgument, user, "user")
        let reply = try await remote.client().recommend(list.request(user: user))
        try remote.show(reply) { reply.lines }
    }
}
