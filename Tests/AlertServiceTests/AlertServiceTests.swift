import AlertService
import Alerts
import Events
import Messages
import RPC
import TestSupport
import Testing
import Workers

@Suite("alerts as a service")
struct AlertServiceTests {
    private static let home = Wire.Place(latitude: 47, longitude: 8)
    private static let away = Wire.Place(latitude: 35, longitude: 139)

    private static func event(_ user: Int, day: Int, hour: Int, _ place: Wire.Place) -> Wire.Event {
        Wire.Event(
            id: "\(user)-\(day)-\(hour)",
            user: "user-\(user)",
            action: "visit",
            instantMs: Routine.instant(week: 0, day: day, hour: hour).millisecondsSinceEpoch,
            place: place
        )
    }

    @Test("a long poll hears of a strange event that comes while it waits; bad limits are refused")
    func watch() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.instant(week: 10))
        let ingest = try IngestNode(folder, clock: clock)
        try await ingest.start()
        for user in 0..<5 {
            try await ingest.put((0..<70).map { Self.event(user, day: $0, hour: 9, Self.home) })
        }
        let background = WorkerPool(name: "background", threadCount: 1, queueLimit: 16)
        let service = AlertService(
            ingest: ingest.client,
            settings: AlertSettings(falseAlarmsPerUserMonth: 0.2),
            background: background,
            logger: silentLogger,
            now: { clock.now }
        )
        var router = Router()
        service.register(on: &router)
        let server = RPCServer(router: router, logger: silentLogger)
        let client = RPCClient(transport: InProcessTransport(server), retry: .none)
        let running = Task { await service.run() }
        @Sendable func ask(
            _ request: Wire.WatchAlertsRequest
        ) async throws(RPCError) -> Wire.WatchAlertsReply {
            try await client.call(Methods.queryWatchAlerts, request, timeout: .seconds(10))
        }
        let isLearned = try await eventually {
            try await ask(Wire.WatchAlertsRequest()).calibrationUserMonths > 0
        }
        #expect(isLearned)
        let before = try await ask(Wire.WatchAlertsRequest())
        async let waiting = ask(
            Wire.WatchAlertsRequest(
                afterSequence: before.lastSequence,
                epochMs: before.epochMs,
                waitMs: 9_000,
                user: "user-3"
            )
        )
        try await ingest.put([Self.event(3, day: 71, hour: 3, Self.away)])
        let reply = try await waiting
        #expect(reply.alerts.map(\.user) == ["user-3"], "\(reply)")
        #expect(reply.alerts.first?.kind == "strange-event")
        #expect(reply.alerts.first?.reason.contains("user-3") == true)
        let later = try await ask(
            Wire.WatchAlertsRequest(afterSequence: reply.lastSequence, epochMs: reply.epochMs)
        )
        #expect(later.alerts.isEmpty && later.lastSequence == reply.lastSequence)
        // Another life of the service: its numbers mean nothing here, so all is told.
        let other = try await ask(
            Wire.WatchAlertsRequest(afterSequence: reply.lastSequence, epochMs: 1)
        )
        #expect(other.alerts.contains { $0.user == "user-3" })
        let error = await refusal { try await ask(Wire.WatchAlertsRequest(limit: 1_001)) }
        #expect(error?.code == .invalidArgument && error?.details.first?.field == "limit")
        running.cancel()
        await running.value
        await ingest.close()
        background.stop()
    }
}
