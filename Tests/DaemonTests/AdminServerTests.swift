import Daemon
import Foundation
import FoundationNetworking
import Logging
import ServiceLifecycle
import Testing

@Suite("admin pages")
struct AdminPagesTests {
    private func pages(_ readiness: Readiness) -> AdminPages {
        AdminPages(readiness: readiness, metrics: { "chronotope_x 1\n" }, versionJSON: "{}")
    }

    @Test("ready only between start-up and drain")
    func phases() {
        let readiness = Readiness()
        let pages = pages(readiness)
        func status() -> Int {
            pages.reply(method: "GET", path: "/readyz", isVerbose: false).status
        }
        #expect(status() == 503)
        readiness.started(checks: [])
        #expect(status() == 200)
        #expect(readiness.beginDraining() == .running)
        #expect(status() == 503)
        readiness.started(checks: [])
        #expect(status() == 503)
        #expect(pages.reply(method: "GET", path: "/livez", isVerbose: false).status == 200)
    }

    @Test("a failing check names itself; verbose names all")
    func checks() {
        let readiness = Readiness()
        readiness.started(checks: [
            Readiness.Check("log") { .ready },
            Readiness.Check("model") { .notReady("no version published") },
        ])
        let pages = pages(readiness)
        let brief = pages.reply(method: "GET", path: "/readyz", isVerbose: false)
        #expect(brief.status == 503)
        #expect(brief.body == "not ready: running\n[-] model: no version published\n")
        let verbose = pages.reply(method: "GET", path: "/readyz", isVerbose: true)
        #expect(verbose.body.contains("[+] log\n"))
    }

    @Test("a switch holds readiness back until it is turned on")
    func switches() {
        let readiness = Readiness()
        let listening = Readiness.Switch("listener", reason: "not listening yet")
        readiness.started(checks: [listening.check])
        #expect(readiness.report().checks.first?.answer == .notReady("not listening yet"))
        listening.turnOn()
        #expect(readiness.report().isReady)
    }

    @Test("unknown pages and other methods are refused")
    func refused() {
        let pages = pages(Readiness())
        #expect(pages.reply(method: "GET", path: "/", isVerbose: false).status == 404)
        #expect(pages.reply(method: "POST", path: "/livez", isVerbose: false).status == 405)
    }
}

@Suite("the admin port", .serialized)
struct AdminServerTests {
    private func server(
        _ address: HostPort,
        _ readiness: Readiness,
        _ bound: AsyncStream<HostPort>.Continuation
    ) -> AdminServer {
        let pages = AdminPages(
            readiness: readiness,
            metrics: { "chronotope_x 1\n" },
            versionJSON: "{\"version\":\"1\"}"
        )
        return AdminServer(address: address, pages: pages) { bound.yield($0) }
    }

    private func get(_ address: HostPort, _ path: String) async throws -> (Int, String) {
        let url = try #require(URL(string: "http://\(address)\(path)"))
        let (body, response) = try await URLSession.shared.data(from: url)
        let http = try #require(response as? HTTPURLResponse)
        return (http.statusCode, String(decoding: body, as: UTF8.self))
    }

    /// Runs a server on a free port until `body` has returned; rethrows its failure.
    private func withServer(
        _ address: HostPort,
        _ readiness: Readiness = Readiness(),
        _ body: @escaping @Sendable (HostPort) async throws -> Void
    ) async throws {
        let (bound, source) = AsyncStream.makeStream(of: HostPort.self)
        let group = ServiceGroup(
            services: [server(address, readiness, source)],
            logger: .init(label: "test")
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { source.finish() }
                try await group.run()
            }
            tasks.addTask {
                for await address in bound {
                    try await body(address)
                    break
                }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    @Test("answers on the port that the system chose, and frees it at the end")
    func answersAndUnbinds() async throws {
        let readiness = Readiness()
        let anyPort = try #require(HostPort("127.0.0.1:0"))
        let (ports, source) = AsyncStream.makeStream(of: HostPort.self)
        try await withServer(anyPort, readiness) { (address: HostPort) async throws in
            #expect(address.port != 0)
            #expect(try await get(address, "/readyz").0 == 503)
            readiness.started(checks: [Readiness.Check("log") { .ready }])
            #expect(try await get(address, "/readyz?verbose").1 == "ok\n[+] log\nphase running\n")
            #expect(try await get(address, "/metrics").1 == "chronotope_x 1\n")
            #expect(try await get(address, "/version").1 == "{\"version\":\"1\"}\n")
            #expect(try await get(address, "/livez").0 == 200)
            source.yield(address)
            source.finish()
        }
        // The same port can be bound again at once.
        for await used in ports {
            try await withServer(used) { (address: HostPort) async throws in
                #expect(try await get(address, "/livez").0 == 200)
            }
        }
    }

    @Test("a port in use is refused with a clear message")
    func portInUse() async throws {
        let anyPort = try #require(HostPort("127.0.0.1:0"))
        try await withServer(anyPort) { taken in
            let error = await #expect(throws: AdminServerError.self) {
                try await withServer(taken) { _ in }
            }
            #expect(error?.code == .addressInUse)
            #expect(error?.description.contains("\(taken)") == true)
        }
    }
}
