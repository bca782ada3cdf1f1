import Daemon
import Foundation
import Logging
import Testing

@Suite("log lines")
struct LogLineTests {
    private func line(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogLine {
        LogLine(
            secondsSinceEpoch: 1_767_323_045.678,
            level: .info,
            label: "chronotoped",
            message: message,
            metadata: metadata
        )
    }

    @Test("JSON has time, level, logger, message, then fields by name with their types")
    func json() {
        let text = line(
            "started",
            ["port": .stringConvertible(7400), "b": ["x", "y"], "a": "text", "z": ["k": "v"]]
        ).json()
        #expect(
            text == """
                {"time":"2026-01-02T03:04:05.678Z","level":"info","logger":"chronotoped",\
                "message":"started","a":"text","b":["x","y"],"port":7400,"z":{"k":"v"}}
                """
        )
    }

    @Test("any message and field stays one line of valid JSON")
    func escapes() throws {
        let nasty = "a\"b\\c\nd\u{1}e\r\tü😀\u{7F}"
        let text = line(nasty, ["time": .string(nasty), "weird \" name": "x"]).json()
        #expect(!text.contains("\n"))
        let decoded = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(decoded["message"] == nasty)
        #expect(decoded["time_"] == nasty)
        #expect(decoded["time"] == "2026-01-02T03:04:05.678Z")
    }

    @Test(
        "who and where someone is never gets in",
        arguments: ["user", "userID", "user_id", "User-Id", "latitude", "lon", "token", "place"]
    )
    func privacy(field: String) {
        let canary = "canary-52.52"
        let top = line("m", [field: .string(canary)])
        let nested = line("m", ["request": .dictionary([field: .string(canary)])])
        #expect(!top.json().contains(canary))
        #expect(!top.text().contains(canary))
        #expect(!nested.json().contains(canary))
        #expect(!nested.text().contains(canary))
    }

    @Test("text is one readable line")
    func text() {
        #expect(
            line("a\nb", ["n": .stringConvertible(3), "s": "two words"]).text()
                == "03:04:05.678 info     chronotoped: a\\nb n=3 s=\"two words\""
        )
    }

    @Test("times keep their milliseconds", arguments: [0.0, 0.001, 1_767_323_045.999])
    func times(seconds: Double) {
        let text = LogLine.timestamp(seconds)
        #expect(text.count == 24)
        #expect(text.hasSuffix("Z"))
    }
}
