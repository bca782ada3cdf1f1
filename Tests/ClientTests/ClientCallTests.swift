import Client
import Foundation
import Logging
import Messages
import RPC
import SwiftProtobuf
import Synchronization
import Testing

/// A server in this process whose methods do as a test says, and a client of it.
private struct Fixture {
    let client: ChronotopeClient

    init(
        retry: RetryPolicy = RetryPolicy(
            maxAttempts: 4,
            firstDelay: .milliseconds(1),
            maxDelay: .milliseconds(2)
        ),
        _ add: (inout Router) -> Void
    ) {
        var router = Router()
        add(&router)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = RPCServer(router: router, logger: logger)
        client = ChronotopeClient(transport: InProcessTransport(server), retry: retry)
    }
}

/// Fails a number of calls, then answers.
private final class Flaky: Sendable {
    private let state: Mutex<(failuresLeft: Int, calls: Int)>

    init(failures: Int) { state = Mutex((failures, 0)) }

    var callCount: Int { state.withLock { $0.calls } }

    func call() throws {
        try state.withLock { state in
            state.calls += 1
            guard state.failuresLeft > 0 else { return }
            state.failuresLeft -= 1
            throw RPCError(.unavailable, "starting", remedy: "retry")
        }
    }
}

/// Nobody answers.
private struct DeafTransport: ClientTransport {
    func roundTrip(_ frame: [UInt8], timeout: Duration) async throws(RPCError) -> [UInt8] {
        throw RPCError(.unavailable, "nobody answers", remedy: "start the service")
    }
}

private func failure(_ body: () async throws -> some Sendable) async -> StatusError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? StatusError
    }
}

@Suite("client calls")
struct ClientCallTests {
    private func recommendation(_ user: String) -> Chronotope_V1_ListRequest {
        var request = Chronotope_V1_ListRequest()
        request.user = user
        request.k = 3
        return request
    }

    @Test func `a typed call carries request and reply`() async throws {
        let fixture = Fixture { router in
            router.register(Methods.queryRecommend) { query, _ in
                let item = Wire.Recommendation(id: "i-\(query.user)", score: Double(query.k))
                return Wire.ListReply(items: [item])
            }
        }
        let reply = try await fixture.client.recommend(recommendation("ann"))
        #expect(reply.items.map(\.id) == ["i-ann"])
        #expect(reply.items.first?.score == 3)
    }

    @Test func `a refusal arrives with code, field, remedy and the call's id`() async throws {
        let fixture = Fixture { router in
            router.register(Methods.queryRecommend) { _, _ in
                throw RPCError(
                    .resourceExhausted,
                    "full",
                    field: "k",
                    remedy: "ask for less",
                    retryAfter: .milliseconds(7)
                )
            }
        }
        let error = await failure { try await fixture.client.recommend(recommendation("ann")) }
        let found = try #require(error)
        #expect(found.code == .resourceExhausted)
        #expect(found.origin == .server)
        #expect(found.details.first?.field == "k")
        #expect(found.details.first?.remedy == "ask for less")
        #expect(found.retryAfter == .milliseconds(7))
        #expect(found.requestID.count == 32)
    }

    @Test func `a method that is not built is UNIMPLEMENTED`() async throws {
        let fixture = Fixture { _ in }
        let error = await failure {
            try await fixture.client.explainAbsence(Chronotope_V1_ExplainRequest())
        }
        #expect(error?.code == .unimplemented)
        #expect(error?.origin == .server)
    }

    @Test func `a request beyond the frame's limit is refused here, with the remedy`() async throws
    {
        let client = ChronotopeClient(transport: DeafTransport())
        var query = recommendation("ann")
        query.excludeItems = Array(repeating: String(repeating: "x", count: 200), count: 6_000)
        let error = await failure { try await client.recommend(query) }
        #expect(error?.code == .invalidArgument && error?.origin == .request)
        #expect(error?.details.first?.field == "payload")
        #expect(error?.details.first?.remedy.contains("1048576 bytes") == true)
    }

    @Test func `a server that is away is told apart from one that says UNAVAILABLE`() async throws {
        let away = ChronotopeClient(transport: DeafTransport(), retry: .none)
        let nobody = await failure { try await away.recommend(recommendation("ann")) }
        #expect(nobody?.code == .unavailable && nobody?.origin == .connection)
        let flaky = Flaky(failures: 1_000)
        let starting = Fixture { router in
            router.register(Methods.queryRecommend) { _, _ in
                try flaky.call()
                return Wire.ListReply()
            }
        }
        let said = await failure { try await starting.client.recommend(recommendation("ann")) }
        #expect(said?.code == .unavailable && said?.origin == .server)
    }

    @Test func `reads are repeated until they are answered`() async throws {
        let flaky = Flaky(failures: 2)
        let fixture = Fixture { router in
            router.register(Methods.queryRecommend) { _, _ in
                try flaky.call()
                return Wire.ListReply()
            }
        }
        _ = try await fixture.client.recommend(recommendation("ann"))
        #expect(flaky.callCount == 3)
    }

    @Test func `writes are repeated only where a repeat can be told`() async throws {
        let flaky = Flaky(failures: 1)
        let fixture = Fixture { router in
            router.register(Methods.ingestPutEvents) { _, _ in
                try flaky.call()
                return Wire.PutEventsReply(accepted: 1)
            }
            router.register(Methods.trainingStartRun) { _, _ in
                try flaky.call()
                return Wire.Run(id: 4)
            }
        }
        var request = Chronotope_V1_PutEventsRequest()
        request.events = [Chronotope_V1_Event()]
        let plain = request
        let error = await failure { try await fixture.client.putEvents(plain) }
        #expect(error?.code == .unavailable)
        #expect(flaky.callCount == 1)
        request.producer.sequence = 1
        #expect(try await fixture.client.putEvents(request).accepted == 1)

        let second = Flaky(failures: 1)
        let training = Fixture { router in
            router.register(Methods.trainingStartRun) { _, _ in
                try second.call()
                return Wire.Run(id: 4)
            }
        }
        let run = Chronotope_V1_StartRunRequest()
        #expect(await failure { try await training.client.startRun(run) }?.code == .unavailable)
        #expect(second.callCount == 1)
    }

    @Test func `what may be repeated is in the contract, and no write that adds up is among it`() {
        #expect(RepeatableMethods.names.isSubset(of: MethodTypes.byName.keys))
        for name in ["Ingest/PutEvents", "Training/StartRun", "Training/Rollback"] {
            #expect(!RepeatableMethods.names.contains("chronotope.v1.\(name)"))
        }
    }

    @Test func `an idempotency key makes a write repeatable`() async throws {
        let flaky = Flaky(failures: 1)
        let fixture = Fixture { router in
            router.register(Methods.trainingStartRun) { _, _ in
                try flaky.call()
                return Wire.Run(id: 4)
            }
        }
        let run = try await fixture.client.startRun(
            Chronotope_V1_StartRunRequest(),
            idempotencyKey: Array("one".utf8)
        )
        #expect(run.id == 4)
        #expect(flaky.callCount == 2)
    }

    @Test func `a call that takes too long ends in DEADLINE_EXCEEDED`() async throws {
        let fixture = Fixture { router in
            router.register(Methods.queryRecommend) { _, _ in
                try await Task.sleep(for: .seconds(20))
                return Wire.ListReply()
            }
        }
        let error = await failure {
            try await fixture.client.recommend(recommendation("ann"), timeout: .milliseconds(20))
        }
        #expect(error?.code == .deadlineExceeded)
    }
}

@Suite("calls by name")
struct ClientJSONTests {
    private let fixture = Fixture { router in
        router.register(Methods.queryRecommend) { query, _ in
            Wire.ListReply(items: [Wire.Recommendation(id: query.user, score: 0.5)])
        }
    }

    @Test(arguments: ["Query/Recommend", "chronotope.v1.Query/Recommend"])
    func `JSON goes in and comes out`(method: String) async throws {
        let reply = try await fixture.client.callJSON(method, #"{"user": "ann", "k": 1}"#)
        #expect(reply == #"{"items":[{"id":"ann","score":0.5}]}"#)
    }

    @Test func `an unknown method, field or broken JSON is never sent`() async throws {
        for (method, json) in [
            ("Query/Nothing", "{}"), ("Query/Recommend", #"{"usr": "ann"}"#),
            ("Query/Recommend", "{"),
        ] {
            let error = await failure { try await fixture.client.callJSON(method, json) }
            #expect(error?.code == .invalidArgument, "\(method) \(json)")
            #expect(error?.origin == .request, "\(method) \(json)")
            #expect(error?.details.first?.remedy.isEmpty == false)
        }
        let error = await failure { try await fixture.client.callJSON("Query/Nothing", "{}") }
        #expect(error?.details.first?.remedy.contains("Query/Recommend") == true)
    }
}

@Suite("the contract by reflection")
struct SchemaTests {
    private func schema() async throws -> Schema {
        let contract = try await Fixture { _ in }.client.describeContract()
        return try Schema(fileDescriptorSet: [UInt8](contract.fileDescriptorSet))
    }

    @Test func `services say what they answer`() async throws {
        let fixture = Fixture { router in
            router.register(Methods.queryRecommend) { _, _ in Wire.ListReply() }
        }
        let services = try await fixture.client.listServices().services
        let query = try #require(services.first { $0.name == "chronotope.v1.Query" })
        let built = query.methods.filter(\.isImplemented).map(\.name)
        #expect(built == ["Recommend"])
        #expect(query.methods.count > 1)
    }

    @Test func `a method is described with its messages and their comments`() async throws {
        let text = try await schema().text(of: "Query/Recommend")
        #expect(text.contains("rpc Recommend(ListRequest) returns (ListReply);"))
        #expect(text.contains("uint32 k = 3;"))
        #expect(text.contains("// 1...1,000."))
        #expect(text.contains("repeated Recommendation items = 1;"))
    }

    @Test func `a template is a request with every field`() async throws {
        let schema = try await schema()
        let template = try schema.template(of: "Query/Recommend")
        let request = try Chronotope_V1_ListRequest(jsonString: template)
        #expect(request.hasFilter && request.hasAt && request.sessionEvents.count == 1)
        #expect(template.contains("\"switchedOffParts\": [\"\"]"))
        for (name, types) in MethodTypes.byName {
            let template = try schema.template(of: name)
            #expect(throws: Never.self, "\(name): \(template)") {
                _ = try types.request.init(jsonString: template)
            }
        }
    }

    @Test func `an unknown name is refused with the known ones`() async throws {
        let schema = try await schema()
        let error = await failure { try schema.text(of: "Nonsense") }
        #expect(error?.origin == .request)
        #expect(error?.details.first?.remedy.contains("ListRequest") == true)
    }

    @Test func `bytes that are no descriptors are refused`() async {
        #expect(throws: StatusError.self) { try Schema(fileDescriptorSet: [0xFF, 0xFF, 0x01]) }
    }
}
