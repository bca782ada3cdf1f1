import Daemon
import Foundation
import Synchronization
import Testing

@Suite("writing log lines", .timeLimit(.minutes(1)))
struct LogWriterTests {
    private static let line = String(repeating: "x", count: 999) + "\n"

    @Test("lines come out whole and in the order of their thread")
    func order() throws {
        let pipe = Pipe()
        let writer = LogWriter(to: pipe.fileHandleForWriting, notice: { _ in "" }, onDrop: {})
        for number in 0..<100 { writer.write("line \(number)\n") }
        #expect(writer.flush(withinSeconds: 30))
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        #expect(text == (0..<100).map { "line \($0)\n" }.joined())
    }

    @Test("a reader that stalls holds nobody up: lines are dropped, counted, and said so later")
    func stalled() throws {
        let pipe = Pipe()
        let dropped = Mutex(0)
        let writer = LogWriter(
            to: pipe.fileHandleForWriting,
            maxByteCount: 10_000,
            notice: { "dropped \($0)\n" },
            onDrop: { dropped.withLock { $0 += 1 } }
        )
        // A pipe holds 64 KiB: with nobody to read, the writer stands still at last.
        var count = 0
        repeat {
            for _ in 0..<50 { writer.write(Self.line) }
            count += 50
        } while count < 10_000 && writer.flush(withinSeconds: 0.2)
        let before = dropped.withLock { $0 }
        for _ in 0..<50 { writer.write(Self.line) }
        count += 50
        let lost = dropped.withLock { $0 }
        #expect(lost - before >= 40, "the queue holds ten lines")
        let text = Mutex("")
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let bytes = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
            text.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
            done.signal()
        }
        #expect(writer.flush(withinSeconds: 30))
        try pipe.fileHandleForWriting.close()
        done.wait()
        let lines = text.withLock { $0 }.split(separator: "\n")
        let notices = lines.filter { $0.hasPrefix("dropped ") }
        #expect(lines.count - notices.count == count - lost, "the others are all there")
        let said = notices.compactMap { Int($0.dropFirst("dropped ".count)) }
        #expect(said.reduce(0, +) == lost)
    }
}
