import EventLog
import Glibc
import Testing

@Suite("event log: a failing disk")
struct FaultTests {
    private struct Acknowledged: Sendable {
        var offset: UInt64
        var records: [PlainRecord]
    }

    /// What one run of the scenario knows: what was acknowledged, what was tried.
    private struct Outcome {
        var acknowledged: [Acknowledged] = []
        var tried: [[PlainRecord]] = []
        var codes: [EventLogError.Code] = []
    }

    private static let folder = "/disk/log"

    /// Opens a log that already holds a sealed segment, appends across two rolls, closes.
    /// `retrying` repeats an append that was refused for lack of space.
    private func run(_ disk: SimulatedDisk, retrying: Bool) async -> Outcome {
        var outcome = Outcome()
        let log: EventLog
        do throws(EventLogError) {
            log = try EventLog(folder: Self.folder, options: smallOptions(disk))
        } catch {
            outcome.codes.append(error.code)
            return outcome
        }
        for number in 0..<14 {
            let records = Self.records(number)
            for _ in 0..<(retrying ? 2 : 1) {
                do throws(EventLogError) {
                    outcome.tried.append(records)
                    let receipt = try await log.append(makeBatch(records))
                    outcome.acknowledged.append(
                        Acknowledged(offset: receipt.firstOffset, records: records)
                    )
                    break
                } catch {
                    outcome.codes.append(error.code)
                    if error.code != .outOfSpace { break }
                }
            }
        }
        await log.close()
        return outcome
    }

    private static func records(_ number: Int) -> [PlainRecord] {
        (0..<(1 + number % 3)).map { index in
            PlainRecord(
                UInt8(number),
                [UInt8](repeating: UInt8(10 * index + 1), count: 150 + 211 * (number % 4))
            )
        }
    }

    /// Opens what is left and checks the promises: everything acknowledged is there, whatever
    /// else is there is a whole batch that was tried, and the log goes on.
    private func check(_ disk: SimulatedDisk, _ outcome: Outcome, _ place: Comment) async throws {
        let log: EventLog
        do throws(EventLogError) {
            log = try EventLog(folder: Self.folder, options: smallOptions(disk))
        } catch {
            Issue.record("\(place): refused to open: \(error)")
            return
        }
        var offset: UInt64 = 0
        var acknowledged = outcome.acknowledged[...]
        var cursor = log.batches()
        while let batch = try cursor.next() {
            let records = batch.records.map { PlainRecord($0.kind, Array($0.bytes)) }
            #expect(batch.header.firstOffset == offset, place)
            if let first = acknowledged.first, first.offset == offset {
                #expect(records == first.records, place)
                acknowledged.removeFirst()
            } else {
                #expect(outcome.tried.contains(records), place)
            }
            offset += UInt64(records.count)
        }
        #expect(acknowledged.isEmpty, place)
        #expect(offset == log.endOffset, place)
        let receipt = try await log.append(makeBatch([PlainRecord("after")]))
        #expect(receipt.firstOffset == offset, place)
        await log.close()
        #expect(try EventLog.verify(Self.folder, storage: disk).isSound, place)
    }

    private func cleanCallCount() async -> Int {
        let disk = SimulatedDisk()
        let outcome = await run(disk, retrying: false)
        #expect(outcome.acknowledged.count == 14)
        let segments = disk.calls.filter { $0.call == .rename }.count
        #expect(segments >= 3, "the scenario must roll")
        return disk.calls.count
    }

    @Test("one EIO at any call: no false acknowledgement, no damage, fail-stop after a bad sync")
    func errorSweep() async throws {
        let count = await cleanCallCount()
        var failStops = 0
        for call in 0..<count {
            for fault in [SimulatedDisk.Fault.error(EIO), .halfWrite(EIO)] {
                let disk = SimulatedDisk()
                disk.fail(call: call, with: fault)
                let outcome = await run(disk, retrying: true)
                let hit = disk.calls[min(call, disk.calls.count - 1)]
                if let first = outcome.codes.firstIndex(of: .failed) {
                    failStops += 1
                    #expect(outcome.codes[first...].allSatisfy { $0 == .failed }, "\(call) \(hit)")
                }
                let place: Comment = "EIO at call \(call), \(hit), \(fault)"
                try await check(disk.afterKill(), outcome, place)
                var random = SeededGenerator(seed: UInt64(call))
                try await check(disk.afterPowerCut(&random), outcome, place)
            }
        }
        #expect(failStops > count / 2)
    }

    @Test("one ENOSPC at any call but a sync: the next append succeeds, and nothing is damaged")
    func outOfSpaceSweep() async throws {
        let count = await cleanCallCount()
        var resumed = 0
        for call in 0..<count {
            for fault in [SimulatedDisk.Fault.error(ENOSPC), .halfWrite(ENOSPC)] {
                let disk = SimulatedDisk()
                disk.fail(call: call, with: fault)
                let outcome = await run(disk, retrying: true)
                let hit = disk.calls[min(call, disk.calls.count - 1)]
                let place: Comment = "ENOSPC at call \(call), \(hit), \(fault)"
                if [.write, .reserve, .rename, .truncate].contains(hit.call),
                    !outcome.tried.isEmpty
                {
                    #expect(outcome.acknowledged.count == 14, place)
                    #expect(outcome.codes.allSatisfy { $0 == .outOfSpace }, place)
                    resumed += outcome.codes.count
                }
                try await check(disk.afterKill(), outcome, place)
            }
        }
        #expect(resumed > 10)
    }

    @Test("a short write at any call is completed")
    func shortWriteSweep() async throws {
        for call in 0..<(await cleanCallCount()) {
            let disk = SimulatedDisk()
            disk.fail(call: call, with: .shortWrite)
            let outcome = await run(disk, retrying: false)
            #expect(outcome.acknowledged.count == 14, "call \(call)")
            try await check(disk.afterKill(), outcome, "short write at call \(call)")
        }
    }

    @Test("death at any call, then a kill or power cut: nothing acknowledged is lost")
    func deathSweep() async throws {
        for call in 0..<(await cleanCallCount()) {
            let disk = SimulatedDisk()
            disk.fail(call: call, with: .death)
            let outcome = await run(disk, retrying: false)
            try await check(disk.afterKill(), outcome, "kill at call \(call)")
            for seed in UInt64(0)..<4 {
                var random = SeededGenerator(seed: seed << 32 | UInt64(call))
                let after = disk.afterPowerCut(&random)
                try await check(after, outcome, "power cut at call \(call), seed \(seed)")
            }
        }
    }

    @Test("death and a power cut while many batches share a commit: none refused, none lost")
    func deathUnderGroups() async throws {
        for seed in UInt64(0)..<100 {
            var random = SeededGenerator(seed: seed)
            let disk = SimulatedDisk()
            disk.fail(call: Int.random(in: 30..<150, using: &random), with: .death)
            var options = smallOptions(disk, segmentBytes: 16 << 10)
            options.groupWaiting = .adaptive
            let log = try EventLog(folder: Self.folder, options: options)
            var outcome = Outcome()
            outcome.tried = (0..<120).map { Self.records($0 % 14) }
            outcome.acknowledged = await Self.appendFromEightTasks(outcome.tried, to: log)
            await log.close()
            try await check(disk.afterKill(), outcome, "kill, seed \(seed)")
            try await check(disk.afterPowerCut(&random), outcome, "power cut, seed \(seed)")
        }
    }

    /// Each task appends every eighth batch until one is refused.
    private static func appendFromEightTasks(
        _ batches: [[PlainRecord]],
        to log: EventLog
    ) async -> [Acknowledged] {
        let done = await withTaskGroup(of: [Acknowledged].self) { group in
            for task in 0..<8 {
                group.addTask {
                    var done: [Acknowledged] = []
                    for number in stride(from: task, to: batches.count, by: 8) {
                        let receipt = try? await log.append(makeBatch(batches[number]))
                        guard let receipt else { break }
                        done.append(
                            Acknowledged(offset: receipt.firstOffset, records: batches[number])
                        )
                    }
                    return done
                }
            }
            return await group.reduce(into: [Acknowledged]()) { $0 += $1 }
        }
        return done.sorted { $0.offset < $1.offset }
    }

    @Test("a full disk refuses appends while the log stays readable, and resumes by itself")
    func fullDisk() async throws {
        let disk = SimulatedDisk()
        let log = try EventLog(folder: Self.folder, options: smallOptions(disk))
        var outcome = Outcome()
        for number in 0..<40 {
            disk.isFull = number % 10 >= 5
            let records = Self.records(number)
            outcome.tried.append(records)
            do throws(EventLogError) {
                let receipt = try await log.append(makeBatch(records))
                #expect(!disk.isFull)
                outcome.acknowledged.append(
                    Acknowledged(offset: receipt.firstOffset, records: records)
                )
            } catch {
                #expect(disk.isFull && error.code == .outOfSpace)
            }
            #expect(try readAll(log) == outcome.acknowledged.flatMap(\.records))
        }
        #expect(outcome.acknowledged.count == 20)
        await log.close()
        disk.isFull = false
        try await check(disk.afterKill(), outcome, "full disk")
    }

    @Test("what a refused append left on the disk is gone before a shorter one is written")
    func refusedBytes() async throws {
        let disk = SimulatedDisk()
        let log = try EventLog(folder: Self.folder, options: smallOptions(disk))
        let large = PlainRecord(1, [UInt8](repeating: 0xEE, count: 3000))
        disk.fail(call: 0, with: .halfWrite(ENOSPC))
        do throws(EventLogError) {
            _ = try await log.append(makeBatch([large]))
            Issue.record("a full disk took an append")
        } catch {
            #expect(error.code == .outOfSpace)
        }
        _ = try await log.append(makeBatch([PlainRecord("small")]))
        await log.close()
        let reopened = try EventLog(folder: Self.folder, options: smallOptions(disk.afterKill()))
        #expect(reopened.report.tornBytes == 0)
        #expect(try readAll(reopened) == [PlainRecord("small")])
        await reopened.close()
    }

    @Test("opens on a full disk to be read, also behind a sealed segment, and resumes by itself")
    func openingOnFullDisk() async throws {
        for isSealed in [false, true] {
            let disk = SimulatedDisk()
            let outcome = await run(disk, retrying: false)
            let last = try #require(
                try disk.list(Self.folder).filter { $0.hasSuffix(".seg") }.max()
            )
            if isSealed {  // as if the process had died in the middle of a roll
                disk.replace("\(Self.folder)/\(last)", nil)
                disk.replace("\(Self.folder)/durable", nil)
            }
            disk.isFull = true
            var options = smallOptions(disk)
            options.preparesInBackground = true  // fails unseen until an append needs it
            let log = try EventLog(folder: Self.folder, options: options)
            let kept = outcome.acknowledged.flatMap(\.records).prefix(Int(log.endOffset))
            #expect(kept.count > 5 && log.report.isNew == false)
            #expect(try readAll(log) == Array(kept))
            do throws(EventLogError) {
                _ = try await log.append(makeBatch(Self.records(1)))
                Issue.record("a full disk took an append")
            } catch {
                #expect(error.code == .outOfSpace)
            }
            disk.isFull = false
            for number in 0..<30 {
                _ = try await log.append(makeBatch(Self.records(number)))
            }
            await log.close()
            #expect(disk.contents("\(Self.folder)/spare.tmp") == nil)
            #expect(try EventLog.verify(Self.folder, storage: disk).isSound)
        }
    }

    @Test("after a failed sync every waiting and every later append fails, and readers go on")
    func failStop() async throws {
        let disk = SimulatedDisk()
        let log = try EventLog(folder: Self.folder, options: smallOptions(disk))
        let kept = PlainRecord("kept")
        _ = try await log.append(makeBatch([kept]))
        async let waiting = log.waitForRecords(from: 1, timeout: .seconds(60))
        disk.fail(call: 1, with: .error(EIO))  // the write, then the sync
        for _ in 0..<3 {
            do throws(EventLogError) {
                _ = try await log.append(makeBatch([PlainRecord("lost")]))
                Issue.record("an append was acknowledged after a failed sync")
            } catch {
                #expect(error.code == .failed)
            }
        }
        #expect(disk.calls.filter { $0.call == .syncBytes }.count == 1, "a sync is never repeated")
        #expect(await waiting == false)
        #expect(try readAll(log) == [kept])
        #expect(log.ending?.code == .failed)
        do throws(EventLogError) {
            try await log.waitUntilStopped()
            Issue.record("a log that stopped itself ended as if it had been closed")
        } catch {
            #expect(error.code == .failed && !error.remedy.isEmpty)
        }
        let early = refusal { _ = try EventLog(folder: Self.folder, options: smallOptions(disk)) }
        #expect(early?.code == .locked, "the folder is given away while the process lives")
        await log.close()
        let reopened = try EventLog(folder: Self.folder, options: smallOptions(disk))
        #expect(try readAll(reopened).first == kept)
        await reopened.close()
        try await reopened.waitUntilStopped()
    }
}
