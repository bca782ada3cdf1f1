import Daemon
import Foundation
import Glibc
import Testing

@Suite("messages to systemd")
struct SystemdNotifierTests {
    @Test("each message is its datagram")
    func texts() {
        #expect(SystemdNotifier.Message.ready.text == "READY=1\n")
        #expect(SystemdNotifier.Message.stopping.text == "STOPPING=1\n")
        #expect(SystemdNotifier.Message.watchdog.text == "WATCHDOG=1\n")
        #expect(SystemdNotifier.Message.status("a\nb").text == "STATUS=a b\n")
    }

    @Test("without a socket nothing is sent and nothing fails")
    func noSocket() {
        #expect(!SystemdNotifier(environment: [:], processID: 1).send(.ready))
        let gone = ["NOTIFY_SOCKET": "/nowhere/notify"]
        #expect(!SystemdNotifier(environment: gone, processID: 1).send(.ready))
        let abstract = ["NOTIFY_SOCKET": "@abstract"]
        #expect(!SystemdNotifier(environment: abstract, processID: 1).send(.ready))
    }

    @Test("the watchdog is fed twice as often as asked, and only by the process it names")
    func watchdog() {
        func interval(_ extra: [String: String]) -> Duration? {
            let base = ["NOTIFY_SOCKET": "/run/notify"]
            return SystemdNotifier(
                environment: base.merging(extra) { $1 },
                processID: 7
            ).watchdogInterval
        }
        #expect(interval(["WATCHDOG_USEC": "30000000"]) == .seconds(15))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"]) == .seconds(15))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"]) == nil)
        #expect(interval([:]) == nil)
        #expect(interval(["WATCHDOG_USEC": "x"]) == nil)
    }

    @Test("a listening socket gets one datagram with all messages")
    func delivers() throws {
        let path = NSTemporaryDirectory() + "notify-\(UInt32.random(in: 0 ... .max)).sock"
        let listener = try NotifyListener(path: path)
        defer { listener.close() }
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": path], processID: getpid())
        #expect(notifier.send(.ready, .status("serving")))
        #expect(try listener.receive() == "READY=1\nSTATUS=serving\n")
    }
}
