import EventLog
import Kernels
import Testing

@Suite("event log: opening what a crash or damage left")
struct RecoveryTests {
    private static let folder = "/disk/log"

    /// A closed log of three segments, and its records.
    private func sample(
        batches: Int = 24,
        recordBytes: Int = 700
    ) async throws -> (SimulatedDisk, [PlainRecord]) {
        let disk = SimulatedDisk()
        let log = try open(disk)
        var records: [PlainRecord] = []
        for number in 0..<batches {
            let record = PlainRecord(
                UInt8(number),
                [UInt8](repeating: UInt8(number + 1), count: recordBytes)
            )
            _ = try await log.append(makeBatch([record]))
            records.append(record)
        }
        await log.close()
        return (disk.afterKill(), records)
    }

    private func open(_ disk: SimulatedDisk) throws(EventLogError) -> EventLog {
        try EventLog(folder: Self.folder, options: smallOptions(disk))
    }

    private func names(_ disk: SimulatedDisk) throws -> [String] {
        try disk.list(Self.folder).filter { $0.hasSuffix(".seg") }.sorted()
    }

    private func path(_ name: String) -> String { "\(Self.folder)/\(name)" }

    /// Opens a copy, which no earlier attempt has locked.
    private func refusalToOpen(_ disk: SimulatedDisk) -> EventLogError? {
        let copy = disk.afterKill()
        return refusal { _ = try open(copy) }
    }

    /// The end of the last batch: where the zeros begin, or the last byte that is not zero.
    private func endOfData(_ bytes: [UInt8]) -> Int {
        ((bytes.lastIndex { $0 != 0 } ?? -1) / 8 + 1) * 8
    }

    @Test("every flipped byte is refused or was never acknowledged: none is read wrong")
    func flippedBytes() async throws {
        let (disk, records) = try await sample(batches: 13, recordBytes: 500)
        let verified = try EventLog.verify(Self.folder, storage: disk)
        #expect(verified.isSound && verified.segments.count == 2)
        var refused = 0
        for name in try disk.list(Self.folder).sorted() {
            let bytes = disk.contents(path(name)) ?? []
            for index in bytes.indices {
                // All that carries data; of the zeros in the header and the tail every eighth.
                if bytes[index] == 0 && index % 8 != 3 { continue }
                for mask in [UInt8(1), 0x80, 0xFF] {
                    let copy = disk.afterKill()
                    var damaged = bytes
                    damaged[index] ^= mask
                    copy.replace(path(name), damaged)
                    do {
                        let log = try open(copy)
                        let read = try readAll(log)
                        #expect(read == records, "\(name) byte \(index) mask \(mask)")
                    } catch let error as EventLogError {
                        refused += 1
                        #expect(
                            [.corrupt, .formatTooNew].contains(error.code) && error.path == name,
                            "\(name) byte \(index): \(error)"
                        )
                    }
                }
            }
        }
        #expect(refused > 3 * 500 * 13)
    }

    @Test("a torn end behind the durable mark is taken off, counted, and written over")
    func tornTail() async throws {
        let (disk, records) = try await sample()
        let last = try #require(try names(disk).last)
        let bytes = try #require(disk.contents(path(last)))
        let end = endOfData(bytes)
        for (start, count) in [(end, 1), (end, 100), (end + 40, 8), (end, bytes.count - end)] {
            let copy = disk.afterKill()
            var torn = bytes
            for index in start..<start + count { torn[index] = 0xA5 }
            copy.replace(path(last), torn)
            let log = try open(copy)
            #expect(log.report.tornPosition == end)
            #expect(log.report.tornBytes == start + count - end)
            #expect(try readAll(log) == records)
            _ = try await log.append(makeBatch([PlainRecord("next")]))
            await log.close()
            #expect(try EventLog.verify(Self.folder, storage: copy).isSound)
            let again = try open(copy.afterKill())
            #expect(try readAll(again) == records + [PlainRecord("next")])
            #expect(again.report.tornBytes == 0)
        }
    }

    @Test(
        "without the durable mark a bad last batch is torn, but one with others behind is refused"
    )
    func withoutMark() async throws {
        let (disk, records) = try await sample()
        let last = try #require(try names(disk).last)
        let bytes = try #require(disk.contents(path(last)))
        disk.replace(path("durable"), nil)
        var torn = bytes
        torn[endOfData(bytes) - 9] ^= 1
        let copy = disk.afterKill()
        copy.replace(path(last), torn)
        let log = try open(copy)
        #expect(!log.report.hadDurableMark && log.report.tornBytes > 0)
        #expect(try readAll(log) == Array(records.dropLast()))
        var damaged = bytes
        damaged[4096 + 70] ^= 1
        disk.replace(path(last), damaged)
        let error = refusalToOpen(disk)
        #expect(error?.code == .corrupt && error?.path == last && error?.position == 4096)
    }

    @Test("damage behind a stale durable mark is refused where a later commit follows it")
    func staleMark() async throws {
        let disk = SimulatedDisk()
        let log = try open(disk)
        var stale: [UInt8] = []
        for number in 0..<10 {
            _ = try await log.append(makeBatch([PlainRecord("record \(number)")]))
            if number == 1 { stale = try #require(disk.contents(path("durable"))) }
        }
        await log.close()
        let name = try #require(try names(disk).first)
        var bytes = try #require(disk.contents(path(name)))
        let fifth = 4096 + 4 * 80  // 64 header, 4 table, 8 bytes, padded to 80
        bytes[fifth + 70] ^= 1
        disk.replace(path(name), bytes)
        disk.replace(path("durable"), stale)
        let error = refusalToOpen(disk)
        #expect(error?.code == .corrupt && error?.position == fifth)
    }

    @Test("acknowledged bytes that are cut off, zeroed or damaged at the very end are refused")
    func lostEnd() async throws {
        let (disk, _) = try await sample()
        let last = try #require(try names(disk).last)
        let bytes = try #require(disk.contents(path(last)))
        let end = endOfData(bytes)
        for damaged in [
            Array(bytes[..<(end - 8)]),
            Array(bytes[..<(end - 300)]) + [UInt8](repeating: 0, count: bytes.count - end + 300),
            Array(bytes[..<4096]),
        ] {
            let copy = disk.afterKill()
            copy.replace(path(last), damaged)
            let error = refusalToOpen(copy)
            #expect(error?.code == .corrupt && error?.path == last, "\(damaged.count) bytes")
            #expect(refusal { _ = try open(copy) } != nil)
            #expect(copy.contents(path(last)) == damaged, "a refused opening changed the file")
            #expect(try EventLog.verify(Self.folder, storage: copy).problems.count == 1)
        }
    }

    @Test("a batch cut out of the middle is a hole, one from elsewhere breaks the chain")
    func holesAndChains() async throws {
        let (disk, _) = try await sample(batches: 4, recordBytes: 100)
        let name = try #require(try names(disk).first)
        let bytes = try #require(disk.contents(path(name)))
        let length = 168  // 64 header, 4 table, 100 bytes
        let second = 4096 + length
        let hole =
            Array(bytes[..<second]) + bytes[(second + length)...]
            + [UInt8](repeating: 0, count: length)
        disk.replace(path(name), hole)
        var error = refusalToOpen(disk)
        #expect(error?.code == .corrupt && error?.position == second)
        #expect(error?.problem.contains("hole") == true)

        let (other, _) = try await sample(batches: 4, recordBytes: 99)
        let foreign = try #require(other.contents(path(name)))[second..<second + length]
        disk.replace(path(name), Array(bytes[..<second]) + foreign + bytes[(second + length)...])
        error = refusalToOpen(disk)
        #expect(error?.code == .corrupt && error?.position == second)
        #expect(error?.problem.contains("chain") == true)
    }

    @Test("a missing segment is named: the first, one in the middle, the last")
    func missingSegments() async throws {
        let (disk, _) = try await sample(batches: 40)
        let all = try names(disk)
        #expect(all.count >= 4)
        for name in [all[0], all[1], all[all.count - 1]] {
            let copy = disk.afterKill()
            copy.replace(path(name), nil)
            let error = refusalToOpen(copy)
            #expect(error?.code == .missingSegment && error?.path == name)
        }
        for name in all { disk.replace(path(name), nil) }
        #expect(refusalToOpen(disk)?.code == .missingSegment)
    }

    @Test("a segment of another log, an unsealed one before the last, and a bad name are refused")
    func strangers() async throws {
        let (disk, _) = try await sample(batches: 40)
        let (other, _) = try await sample(batches: 40)
        let all = try names(disk)
        let copy = disk.afterKill()
        copy.replace(path(all[1]), other.contents(path(all[1])))
        var error = refusalToOpen(copy)
        #expect(error?.code == .wrongLog && error?.path == all[1])

        let unsealed = disk.afterKill()
        let sealed = try #require(disk.contents(path(all[1])))
        unsealed.replace(path(all[1]), Array(sealed.dropLast(64)))
        error = refusalToOpen(unsealed)
        #expect(error?.code == .corrupt && error?.path == all[1])

        disk.replace(path("7.seg"), [])
        #expect(refusalToOpen(disk)?.path == "7.seg")
    }

    @Test("a newer format, of a segment or of one batch, is refused by name")
    func newerFormat() async throws {
        let (disk, _) = try await sample(batches: 3)
        let name = try #require(try names(disk).first)
        let bytes = try #require(disk.contents(path(name)))
        var newer = bytes
        newer[8] = 2
        disk.replace(path(name), newer)
        #expect(refusalToOpen(disk)?.code == .formatTooNew)
        #expect(try EventLog.verify(Self.folder, storage: disk).problems.first?.path == name)

        var batch = bytes
        batch[4096 + 12] |= 2  // a flag that is not known
        let length = Int(batch[4096 + 8]) | Int(batch[4096 + 9]) << 8
        let checksum = CRC32C.checksum(of: Array(batch[4096 + 8..<4096 + length]))
        for byte in 0..<4 { batch[4096 + 4 + byte] = UInt8(checksum >> (8 * byte) & 0xFF) }
        disk.replace(path(name), batch)
        let error = refusalToOpen(disk)
        #expect(error?.code == .formatTooNew && error?.problem.contains("4096") == true)
    }

    @Test("temporary files of a crash are removed and reported")
    func leftovers() async throws {
        let (disk, records) = try await sample(batches: 3)
        disk.replace(path("spare.tmp"), [1, 2, 3])
        let log = try open(disk)
        #expect(log.report.removedFiles == ["spare.tmp"])
        #expect(disk.contents(path("spare.tmp")) == nil)
        #expect(try readAll(log) == records)
        await log.close()
    }

    @Test("a sealed last segment without a successor opens and goes on in a new one")
    func sealedLast() async throws {
        let (disk, records) = try await sample()
        let all = try names(disk)
        disk.replace(path(all[all.count - 1]), nil)
        disk.replace(path("durable"), nil)
        let base = try #require(UInt64(all[all.count - 1].dropLast(4)))
        let log = try open(disk)
        #expect(log.endOffset == base)
        let receipt = try await log.append(makeBatch([PlainRecord("next")]))
        #expect(receipt.firstOffset == base)
        #expect(try readAll(log) == records[..<Int(base)] + [PlainRecord("next")])
        await log.close()
        #expect(try EventLog.verify(Self.folder, storage: disk).isSound)
    }

    @Test("damage in a sealed segment is found by the reader and by verify, with file and place")
    func sealedDamage() async throws {
        let (disk, _) = try await sample(batches: 40)
        let name = try names(disk)[1]
        var bytes = try #require(disk.contents(path(name)))
        bytes[4096 + 200] ^= 4
        disk.replace(path(name), bytes)
        let report = try EventLog.verify(Self.folder, storage: disk)
        #expect(report.problems.first?.path == name)
        #expect(report.problems.first?.position == 4096)
        let log = try open(disk)
        let base = try #require(UInt64(name.dropLast(4)))
        #expect(try log.read(from: 0).isEmpty == false)
        let error = refusal { _ = try log.read(from: base) }
        #expect(error?.code == .corrupt && error?.path == name && error?.position == 4096)
        await log.close()
    }
}
