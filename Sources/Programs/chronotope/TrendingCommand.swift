import ArgumentParser
import Client

/// `chronotope trending`: what many do these days.
struct TrendingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trending",
        abstract: "What many do these days.",
        discussion: """
            Examples:
              chronotope trending -k 20
              chronotope trending --window 86400 --place 40.73,-73.99 --radius 2000
            """
    )

    @Option(help: ArgumentHelp("How far back to count; 0: 7 days.", valueName: "seconds"))
    var window: UInt32 = 0

    @Option(help: "Leave out what this user has had.") var user = ""
    @OptionGroup var list: ListOptions
    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        var request = try list.request(user: user)
        request.windowSeconds = window
        let reply = try await remote.client().trending(request)
        try remote.show(reply) { reply.lines }
    }
}
