import ArgumentParser
import Client
import Foundation

/// `chronotope call`: any method by name, with JSON in and out.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call any method by name; request and reply are proto JSON.",
        discussion: """
            Examples:
              chronotope call Query/Recommend '{"user": "69", "k": 3}'
              chronotope describe Query/Recommend --template | chronotope call Query/Recommend -
            """
    )

    @Argument(help: "SERVICE/METHOD, with or without chronotope.v1.") var method: String
    @Argument(help: "The request: JSON, @FILE, or - for standard input.") var request = "{}"
    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let client = try await remote.client(service)
        print(try await client.callJSON(method, json(), timeout: remote.timeout))
    }

    /// Whose address the method is called at.
    private var service: RemoteOptions.Service {
        if method.contains("Ingest/") { return .ingest }
        return method.contains("Training/") ? .training : .query
    }

    private func json() throws -> String {
        let bytes: Data
        if request == "-" {
            bytes = FileHandle.standardInput.readDataToEndOfFile()
        } else if request.hasPrefix("@") {
            let path = String(request.dropFirst())
            guard let content = FileManager.default.contents(atPath: path) else {
                throw ProgramFailure(
                    status: .usage,
                    problem: "\(path) cannot be read",
                    remedy: "name a file that exists"
                )
            }
            bytes = content
        } else {
            return request
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// `chronotope describe`: what can be called here.
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "What the server can be asked: its services, methods and messages.",
        discussion: """
            Examples:
              chronotope describe
              chronotope describe Query/Recommend
              chronotope describe ListRequest --template
            """
    )

    @Argument(help: "A service, SERVICE/METHOD, a message or an enumeration.") var name: String?
    @Flag(help: "Print an empty request to fill in.") var template = false
    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard name != nil || !template else {
            throw ValidationError("--template needs a method or a message")
        }
    }

    func run() async throws {
        let client = try await remote.client()
        guard let name else {
            let reply = try await client.listServices()
            try remote.show(reply) { reply.lines }
            return
        }
        let contract = try await client.describeContract()
        let schema = try Schema(fileDescriptorSet: [UInt8](contract.fileDescriptorSet))
        if template {
            print(try schema.template(of: name))
        } else if remote.outputOptions.output == .json {
            print(try schema.json(of: name))
        } else {
            print(try schema.text(of: name))
        }
    }
}

extension Chronotope_V1_ListServicesReply {
    fileprivate var lines: [String] {
        services.flatMap { service in
            [service.name]
                + service.methods.map { method in
                    "  \(method.name)" + (method.isImplemented ? "" : "  (not implemented here)")
                }
        }
    }
}
