import ArgumentParser
import Client
import CommandLineTools
import Foundation

/// `chronotope predict`: will this user act in this hour, on this item?
struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Will this user act at this time, on this item?",
        discussion: """
            Examples:
              chronotope predict 69 --at 2013-02-16T09:00:00-05:00
              chronotope predict 69 4bf58dd8 --at now
            """
    )

    @Argument(help: "The user's id.") var user: String
    @Argument(help: "The item's id; any item where it is left out.") var item: String?
    @OptionGroup var moment: MomentOptions
    @Option(help: "The version alias that answers (default: stable).") var alias = ""
    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        var request = Chronotope_V1_PredictActivityRequest()
        request.user = user
        request.item = item ?? ""
        request.alias = alias
        if let time = try moment.wireTime() { request.at = time }
        if let place = try moment.wirePlace() { request.place = place }
        let reply = try await remote.client().predictActivity(request)
        try remote.show(reply) {
            let percent = String(format: "%.2f %%", reply.probability * 100)
            return ["probability \(percent)", reply.provenance.line]
        }
    }
}
