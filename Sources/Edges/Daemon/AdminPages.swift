/// The answers of the admin port; pure, so that they are tested without a socket.
package struct AdminPages: Sendable {
    package struct Reply: Sendable, Equatable {
        package let status: Int
        package let contentType: String
        package let body: String
    }

    private let readiness: Readiness
    private let metrics: @Sendable () -> String
    private let versionJSON: String

    /// - Parameters:
    ///   - metrics: the Prometheus text of this moment.
    ///   - versionJSON: one JSON object.
    package init(
        readiness: Readiness,
        metrics: @escaping @Sendable () -> String,
        versionJSON: String
    ) {
        self.readiness = readiness
        self.metrics = metrics
        self.versionJSON = versionJSON
    }

    package func reply(method: String, path: String, isVerbose: Bool) -> Reply {
        guard method == "GET" || method == "HEAD" else {
            return plain(405, "only GET and HEAD are answered here\n")
        }
        switch path {
        case "/livez": return plain(200, "ok\n")
        case "/readyz": return readyz(isVerbose: isVerbose)
        case "/metrics":
            return Reply(
                status: 200,
                contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: metrics()
            )
        case "/version":
            return Reply(status: 200, contentType: "application/json", body: versionJSON + "\n")
        default: return plain(404, "known here: /livez /readyz /metrics /version\n")
        }
    }

    /// 200 while requests are welcome, else 503 with the reasons.
    private func readyz(isVerbose: Bool) -> Reply {
        let report = readiness.report()
        var lines = [report.isReady ? "ok" : "not ready: \(report.phase.rawValue)"]
        for check in report.checks {
            switch check.answer {
            case .ready: if isVerbose { lines.append("[+] \(check.name)") }
            case .notReady(let reason): lines.append("[-] \(check.name): \(reason)")
            }
        }
        if isVerbose { lines.append("phase \(report.phase.rawValue)") }
        return plain(report.isReady ? 200 : 503, lines.joined(separator: "\n") + "\n")
    }

    private func plain(_ status: Int, _ body: String) -> Reply {
        Reply(status: status, contentType: "text/plain; charset=utf-8", body: body)
    }
}
