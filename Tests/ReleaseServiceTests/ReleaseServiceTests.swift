import Events
import Messages
import Privacy
import RPC
import ReleaseService
import TestSupport
import Testing
import Workers

@Suite("releases as a service")
struct ReleaseServiceTests {
    /// A log in which 40 users were at one place in an hour, and 10 at another.
    private struct Node {
        let ingest: IngestNode
        let client: RPCClient
        let folder: TemporaryFolder
        private let background = WorkerPool(name: "background", threadCount: 1, queueLimit: 16)

        static let start = Routine.start.millisecondsSinceEpoch

        init(epsilon: Double = 4) async throws {
            folder = try TemporaryFolder()
            ingest = try IngestNode(folder, clock: ManualClock(Routine.start))
            try await ingest.start()
            client = try Self.client(folder, ingest, background, epsilon)
            try await ingest.put(
                items: (0..<2).map { number in
                    Wire.Item(
                        id: "item-\(number)",
                        category: "Bar",
                        place: Wire.Place(latitude: 10 + Double(number), longitude: 20)
                    )
                }
            )
            try await ingest.put(
                (0..<50).map { number in
                    Wire.Event(
                        id: "event-\(number)",
                        user: "user-\(number)",
                        item: number < 40 ? "item-0" : "item-1",
                        action: "visit",
                        instantMs: Self.start + Int64(number)
                    )
                }
            )
        }

        /// A second process over the same files.
        func restarted(epsilon: Double = 4) throws -> RPCClient {
            try Self.client(folder, ingest, background, epsilon)
        }

        private static func client(
            _ folder: TemporaryFolder,
            _ ingest: IngestNode,
            _ background: WorkerPool,
            _ epsilon: Double
        ) throws -> RPCClient {
            let service = try ReleaseService(
                ledgerPath: folder.path + "/privacy.sqlite",
                limit: try PrivacyCost(epsilon: epsilon, delta: 1e-5),
                ingest: ingest.client,
                background: background,
                now: { start }
            )
            var router = Router()
            service.register(on: &router)
            let server = RPCServer(router: router, logger: silentLogger)
            return RPCClient(transport: InProcessTransport(server), retry: .none)
        }

        func close() async {
            await ingest.close()
            background.stop()
        }
    }

    private static func counts(
        _ client: RPCClient,
        _ request: Wire.ReleaseCountsRequest
    ) async throws(RPCError) -> Wire.ReleaseCountsReply {
        try await client.call(Methods.releasesCounts, request, timeout: .seconds(10))
    }

    private static func noisy(_ epsilon: Double) -> Wire.ReleaseCountsRequest {
        Wire.ReleaseCountsRequest(
            fromMs: Node.start,
            toMs: Node.start + 1_000,
            noise: Wire.ReleaseNoise(epsilon: epsilon, maxKeysPerUser: 1)
        )
    }

    @Test("what fewer than 20 users did stays in the house; the rest is told exactly, for nothing")
    func floor() async throws {
        let node = try await Node()
        let reply = try await Self.counts(node.client, Wire.ReleaseCountsRequest(byCategory: true))
        #expect(reply.rows.count == 1 && reply.threshold == 20 && reply.periods.isEmpty)
        #expect(reply.rows.first?.users == 40 && reply.rows.first?.category == "Bar")
        await node.close()
    }

    @Test(
        "noise is paid for, also after a restart, and refused with the remedy when nothing is left"
    )
    func budget() async throws {
        let node = try await Node()
        let first = try await Self.counts(node.client, Self.noisy(3))
        #expect(first.periods.map(\.name) == ["2024-01"] && first.periods[0].epsilonSpent == 3)
        #expect(first.rows.allSatisfy { $0.users >= first.threshold })
        let again = try node.restarted()
        let error = await refusal { try await Self.counts(again, Self.noisy(1.5)) }
        #expect(error?.code == .failedPrecondition, "\(String(describing: error))")
        #expect(error?.message.contains("epsilon 1.0") == true, "\(String(describing: error))")
        #expect(error?.details.first?.remedy.isEmpty == false)
        _ = try await Self.counts(again, Self.noisy(1))
        let spent = try await again.call(
            Methods.releasesBudget,
            Wire.PrivacyBudgetRequest(),
            timeout: .seconds(5)
        )
        #expect(spent.periods.map(\.epsilonSpent) == [4] && spent.epsilonLimit == 4)
        await node.close()
    }

    @Test("bad input gets a status, the field and the remedy, and costs nothing")
    func badInput() async throws {
        let node = try await Node()
        let cases: [(Wire.ReleaseCountsRequest, String)] = [
            (Wire.ReleaseCountsRequest(floor: 19), "floor"),
            (Wire.ReleaseCountsRequest(hoursPerSlot: 5), "hours_per_slot"),
            (Wire.ReleaseCountsRequest(cellLevel: 30), "cell_level"),
            (Wire.ReleaseCountsRequest(fromMs: 5, toMs: 4), "from_ms"),
            (Wire.ReleaseCountsRequest(noise: Wire.ReleaseNoise(epsilon: 1)), "from_ms"),
            (Self.noisy(0), "epsilon"), (Self.noisy(.nan), "epsilon"), (Self.noisy(101), "epsilon"),
        ]
        for (request, field) in cases {
            let error = await refusal { try await Self.counts(node.client, request) }
            #expect(error?.code == .invalidArgument, "\(field): \(String(describing: error))")
            #expect(error?.details.first?.field == field, "\(String(describing: error))")
            #expect(error?.details.first?.remedy.isEmpty == false)
        }
        let spent = try await node.client.call(
            Methods.releasesBudget,
            Wire.PrivacyBudgetRequest(),
            timeout: .seconds(5)
        )
        #expect(spent.periods.isEmpty)
        await node.close()
    }
}
