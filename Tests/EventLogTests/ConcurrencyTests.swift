import EventLog
import Foundation
import Testing

@Suite("event log: many at once")
struct ConcurrencyTests {
    @Test("8 producers and a tailing reader: no loss, no repeat, each producer in order")
    func producers() async throws {
        let folder = try TemporaryFolder()
        var options = smallOptions(segmentBytes: 64 << 10)
        options.preparesInBackground = true
        options.groupWaiting = .adaptive
        let log = try EventLog(folder: folder.path, options: options)
        let perProducer = 150
        let total = UInt64(8 * perProducer * 3)
        async let tail = follow(log, until: total)
        let receipts = try await withThrowingTaskGroup(of: [AppendReceipt].self) { group in
            for producer in UInt64(0)..<8 {
                group.addTask { try await produce(producer, perProducer, into: log) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let starts = receipts.map(\.firstOffset).sorted()
        #expect(starts == Array(stride(from: 0, to: total, by: 3)))
        let records = try await tail
        #expect(records == (try readAll(log)))
        for producer in UInt8(0)..<8 {
            let texts = records.filter { $0.kind == producer }.map(\.bytes)
            let expected = (0..<perProducer).flatMap { number in
                (0..<3).map { Array("\(producer)/\(number)/\($0)".utf8) }
            }
            #expect(texts == expected, "producer \(producer)")
        }
        await log.close()
        #expect(try EventLog.verify(folder.path).isSound)
    }

    @Test("a copy taken at any moment opens with everything that was acknowledged before")
    func copies() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(folder: folder.path, options: smallOptions(segmentBytes: 16 << 10))
        async let produced = withThrowingTaskGroup(of: Void.self) { group in
            for producer in UInt64(0)..<8 {
                group.addTask { _ = try await produce(producer, 60, into: log) }
            }
            try await group.waitForAll()
        }
        var random = SeededGenerator(seed: 11)
        var round = 0
        while log.endOffset < 8 * 60 * 3 {
            round += 1
            let acknowledged = log.endOffset
            let before = try readAll(log).prefix(Int(acknowledged))
            let (copy, damagedFrom) = try copyLive(folder, damaging: round % 4, &random)
            let opened = try EventLog(folder: copy.path, options: smallOptions())
            #expect(opened.endOffset >= acknowledged, "round \(round)")
            #expect(try readAll(opened).prefix(before.count) == before, "round \(round)")
            let receipt = try await opened.append(makeBatch([PlainRecord("more")]))
            #expect(try opened.read(from: receipt.firstOffset).count == 1)
            await opened.close()
            #expect(try EventLog.verify(copy.path).isSound, "round \(round), \(damagedFrom)")
        }
        #expect(round > 0)
        try await produced
        await log.close()
    }

    /// Copies as a kill would leave the folder: the durable mark first, then the segments in
    /// order. Then zeros, scrambles or cuts off bytes behind the mark, as a torn write would.
    private func copyLive(
        _ folder: TemporaryFolder,
        damaging kind: Int,
        _ random: inout SeededGenerator
    ) throws -> (TemporaryFolder, Int) {
        let copy = try TemporaryFolder()
        let mark = try folder.bytes("durable")
        try copy.write("durable", mark)
        let base = mark[32..<40].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        let position = mark[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
        let digits = String(base)
        let last = String(repeating: "0", count: 20 - digits.count) + digits + ".seg"
        for name in try folder.segments where name <= last {
            var bytes = try folder.bytes(name)
            if name == last, position < bytes.count {
                let start = Int.random(in: position..<bytes.count, using: &random)
                switch kind {
                case 1: for index in start..<bytes.count { bytes[index] = 0 }
                case 2:
                    for index in start..<bytes.count {
                        bytes[index] = UInt8.random(in: 0...255, using: &random)
                    }
                case 3: bytes.removeLast(bytes.count - start)
                default: break
                }
            }
            try copy.write(name, bytes)
        }
        return (copy, position)
    }

    @Test("a waiting reader wakes at the commit it waits for, and not before")
    func wakeAtCommit() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(folder: folder.path, options: smallOptions())
        #expect(log.waiterCount == 0)
        async let first = log.waitForRecords(from: 0, timeout: .seconds(60))
        async let third = log.waitForRecords(from: 2, timeout: .seconds(60))
        try await eventually { log.waiterCount == 2 }
        _ = try await log.append(makeBatch([PlainRecord("a"), PlainRecord("b")]))
        #expect(await first)
        #expect(log.waiterCount == 1)
        _ = try await log.append(makeBatch([PlainRecord("c")]))
        #expect(await third)
        #expect(await log.waitForRecords(from: 0, timeout: .zero))
        await log.close()
    }

    @Test("a waiting reader gives up at its timeout, when cancelled, and when the log closes")
    func giveUp() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(folder: folder.path, options: smallOptions())
        #expect(await log.waitForRecords(from: 0, timeout: .milliseconds(5)) == false)
        let cancelled = Task { await log.waitForRecords(from: 0, timeout: .seconds(60)) }
        try await eventually { log.waiterCount == 1 }
        cancelled.cancel()
        #expect(await cancelled.value == false)
        #expect(log.waiterCount == 0)
        async let closed = log.waitForRecords(from: 0, timeout: .seconds(60))
        try await eventually { log.waiterCount == 1 }
        await log.close()
        #expect(await closed == false)
    }

    @Test("1,000 waiting readers all wake")
    func manyWaiters() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(folder: folder.path, options: smallOptions())
        let woken = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<1_000 {
                group.addTask { await log.waitForRecords(from: 0, timeout: .seconds(60)) }
            }
            try await eventually { log.waiterCount == 1_000 }
            _ = try await log.append(makeBatch([PlainRecord("a")]))
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(woken == 1_000)
        await log.close()
    }

    @Test("a second log on one folder is refused by name until the first closes")
    func secondOpen() async throws {
        let folder = try TemporaryFolder()
        let first = try EventLog(folder: folder.path, options: smallOptions())
        let error = refusal { _ = try EventLog(folder: folder.path, options: smallOptions()) }
        #expect(error?.code == .locked && error?.path == folder.path)
        await first.close()
        let second = try EventLog(folder: folder.path, options: smallOptions())
        await second.close()
        do throws(EventLogError) {
            _ = try await second.append(makeBatch([PlainRecord("late")]))
            Issue.record("a closed log took an append")
        } catch {
            #expect(error.code == .closed)
        }
    }

    @Test("closing answers everything that was handed over")
    func closingDrains() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(folder: folder.path, options: smallOptions())
        let answers = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    (try? await log.append(makeBatch([PlainRecord("\(number)")]))) != nil
                }
            }
            group.addTask {
                await log.close()
                return false
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let reopened = try EventLog(folder: folder.path, options: smallOptions())
        #expect(reopened.endOffset == UInt64(answers))
        await reopened.close()
    }
}

private func produce(
    _ producer: UInt64,
    _ count: Int,
    into log: EventLog
) async throws -> [AppendReceipt] {
    var receipts: [AppendReceipt] = []
    for number in 0..<count {
        let records = (0..<3).map {
            PlainRecord(UInt8(producer), Array("\(producer)/\(number)/\($0)".utf8))
        }
        let mark = ProducerMark(high: 0, low: producer, sequence: UInt64(number))
        receipts.append(try await log.append(makeBatch(records, producer: mark)))
    }
    return receipts
}

private func follow(_ log: EventLog, until end: UInt64) async throws -> [PlainRecord] {
    var records: [PlainRecord] = []
    while UInt64(records.count) < end {
        let next = UInt64(records.count)
        guard await log.waitForRecords(from: next, timeout: .seconds(60)) else { break }
        records += try log.read(from: next).map { PlainRecord($0.kind, Array($0.bytes)) }
    }
    return records
}

/// Waits, at most a minute, until a condition holds.
private func eventually(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
        try #require(ContinuousClock.now < end, "a condition did not come true")
        await Task.yield()
    }
}
