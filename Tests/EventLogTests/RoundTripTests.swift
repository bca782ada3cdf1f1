import EventLog
import Foundation
import Testing

@Suite("event log: what is appended is read")
struct RoundTripTests {
    @Test("gives back every record in order, whatever the limits, before and after reopening")
    func roundTrip() async throws {
        for seed in UInt64(1)...5 {
            var random = SeededGenerator(seed: seed)
            let folder = try TemporaryFolder()
            var log = try EventLog(folder: folder.path, options: smallOptions())
            var expected: [PlainRecord] = []
            var marks: [ProducerMark?] = []
            for number in 0..<60 {
                let count = Int.random(in: 1...40, using: &random)
                let records = (0..<count).map { _ in PlainRecord.random(atMost: 90, &random) }
                let mark =
                    Bool.random(using: &random)
                    ? ProducerMark(high: seed, low: 7, sequence: UInt64(number)) : nil
                let receipt = try await log.append(makeBatch(records, producer: mark))
                #expect(receipt.firstOffset == UInt64(expected.count), "seed \(seed)")
                #expect(receipt.count == count)
                expected += records
                marks.append(mark)
                if number % 20 == 19 {
                    await log.close()
                    log = try EventLog(folder: folder.path, options: smallOptions())
                    #expect(log.report.endOffset == UInt64(expected.count), "seed \(seed)")
                    #expect(log.report.tornBytes == 0 && log.report.hadDurableMark)
                }
            }
            try check(log, expected, marks, seed: seed, &random)
            #expect(log.report.segmentCount > 5, "the segments must roll")
            await log.close()
            let verified = try EventLog.verify(folder.path)
            #expect(verified.isSound && verified.endOffset == UInt64(expected.count))
        }
    }

    private func check(
        _ log: EventLog,
        _ expected: [PlainRecord],
        _ marks: [ProducerMark?],
        seed: UInt64,
        _ random: inout SeededGenerator
    ) throws {
        for (maxRecords, maxBytes) in [(1, 1), (7, 1 << 20), (10_000, 200), (10_000, 1 << 20)] {
            let records = try readAll(log, maxRecords: maxRecords, maxBytes: maxBytes)
            #expect(records == expected, "seed \(seed), limits \(maxRecords), \(maxBytes)")
        }
        for _ in 0..<50 {
            let start = Int.random(in: 0...expected.count, using: &random)
            let slice = try log.read(from: UInt64(start), maxRecords: 3)
            let records = slice.map { PlainRecord($0.kind, Array($0.bytes)) }
            #expect(records == Array(expected[start...].prefix(records.count)))
            #expect(records.count <= 3 && records.isEmpty == (start == expected.count))
        }
        var cursor = log.batches()
        var batches: [LoggedBatch] = []
        while let batch = try cursor.next() { batches.append(batch) }
        #expect(batches.map(\.header.producer) == marks, "seed \(seed)")
        let records = batches.flatMap { batch in
            batch.records.map { PlainRecord($0.kind, Array($0.bytes)) }
        }
        #expect(records == expected, "seed \(seed)")
    }

    @Test("keeps a batch of 10,000 records and one larger than the read limit")
    func largeBatches() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(
            folder: folder.path,
            options: smallOptions(segmentBytes: 8 << 20)
        )
        let many = (0..<10_000).map { PlainRecord(UInt8($0 % 251), Array("record \($0)".utf8)) }
        _ = try await log.append(makeBatch(many))
        let large = PlainRecord(9, [UInt8](repeating: 0x42, count: 5 << 20))
        let receipt = try await log.append(makeBatch([large]))
        #expect(receipt.firstOffset == 10_000)
        #expect(try readAll(log) == many + [large])
        #expect(try readAll(log, maxBytes: 10) == many + [large])
        await log.close()
    }

    @Test("refuses an empty batch, one record too many, and one that fits in no segment")
    func limits() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(folder: folder.path, options: smallOptions())
        await #expect(throws: EventLogError.self) { try await log.append(RecordBatch()) }
        var full = try makeBatch((0..<10_000).map { _ in PlainRecord(0, []) })
        #expect(refusal { try full.append(kind: 0, []) }?.code == .invalidBatch)
        #expect(full.count == 10_000)
        let fits = SegmentLimits.largestBatch(segmentBytes: 8192) - 64 - 4
        for (byteCount, isAccepted) in [(fits, true), (fits + 1, false)] {
            let batch = try makeBatch([PlainRecord(1, [UInt8](repeating: 1, count: byteCount))])
            do throws(EventLogError) {
                _ = try await log.append(batch)
                #expect(isAccepted)
            } catch {
                #expect(!isAccepted && error.code == .invalidBatch)
            }
        }
        #expect(log.endOffset == 1)
        await log.close()
    }

    @Test("finds the first record at or after an instant, over segments and equal times")
    func offsetByTime() async throws {
        for seed in UInt64(1)...3 {
            var random = SeededGenerator(seed: seed)
            let folder = try TemporaryFolder()
            let clock = ManualClock(1_000)
            var options = smallOptions()
            options.clock = { clock.milliseconds }
            var log = try EventLog(folder: folder.path, options: options)
            #expect(try log.offset(atOrAfter: 0) == 0)
            var starts: [(milliseconds: Int64, offset: UInt64)] = []
            for _ in 0..<80 {
                clock.set(clock.milliseconds + Int64.random(in: 0...3, using: &random))
                let count = Int.random(in: 1...20, using: &random)
                let records = (0..<count).map { _ in PlainRecord.random(atMost: 60, &random) }
                let receipt = try await log.append(makeBatch(records))
                starts.append((receipt.appendedMilliseconds, receipt.firstOffset))
            }
            for _ in 0..<2 {
                for instant in Int64(995)...clock.milliseconds + 2 {
                    let found = starts.first { $0.milliseconds >= instant }?.offset
                    #expect(
                        try log.offset(atOrAfter: instant) == found ?? log.endOffset,
                        "seed \(seed), instant \(instant)"
                    )
                }
                await log.close()
                log = try EventLog(folder: folder.path, options: options)
            }
            await log.close()
        }
    }

    @Test("repeats the last append time while the clock is set back, also after reopening")
    func clockSetBack() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(5_000)
        var options = smallOptions()
        options.clock = { clock.milliseconds }
        var log = try EventLog(folder: folder.path, options: options)
        var times: [Int64] = []
        for now in [Int64(5_000), 1_000, 5_001, 0] {
            clock.set(now)
            times.append(try await log.append(makeBatch([PlainRecord("x")])).appendedMilliseconds)
            await log.close()
            log = try EventLog(folder: folder.path, options: options)
        }
        #expect(times == [5_000, 5_000, 5_001, 5_001])
        await log.close()
    }

    @Test("reads nothing at the end and refuses an offset past it")
    func readingPastTheEnd() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(folder: folder.path, options: smallOptions())
        #expect(log.report.isNew)
        #expect(try log.read(from: 0).isEmpty)
        #expect(refusal { _ = try log.read(from: 1) }?.code == .outOfRange)
        await log.close()
    }

    @Test("opened for reading only, shows what is there, takes no lock and refuses appends")
    func readOnly() async throws {
        let folder = try TemporaryFolder()
        let log = try EventLog(folder: folder.path, options: smallOptions())
        _ = try await log.append(makeBatch([PlainRecord("a"), PlainRecord("b")]))
        var options = smallOptions()
        options.isReadOnly = true
        let view = try EventLog(folder: folder.path, options: options)
        #expect(try readAll(view) == [PlainRecord("a"), PlainRecord("b")])
        #expect(await view.waitForRecords(from: 2, timeout: .seconds(60)) == false)
        do throws(EventLogError) {
            _ = try await view.append(makeBatch([PlainRecord("c")]))
            Issue.record("a read-only log took an append")
        } catch {
            #expect(error.code == .readOnly)
        }
        _ = try await log.append(makeBatch([PlainRecord("d")]))
        await view.close()
        await log.close()
    }

    @Test("opens an empty segment of an older size and goes on with larger batches")
    func changedSegmentSize() async throws {
        let folder = try TemporaryFolder()
        await (try EventLog(folder: folder.path, options: smallOptions())).close()
        let log = try EventLog(
            folder: folder.path,
            options: smallOptions(segmentBytes: 64 << 10)
        )
        let large = PlainRecord(1, [UInt8](repeating: 7, count: 30_000))
        _ = try await log.append(makeBatch([large]))
        _ = try await log.append(makeBatch([PlainRecord("after")]))
        #expect(try readAll(log) == [large, PlainRecord("after")])
        await log.close()
        #expect(try EventLog.verify(folder.path).isSound)
        #expect(try folder.segments == ["00000000000000000000.seg"])
    }
}
