import EventLog
import Testing

/// The bytes below were made by a separate Python program with a bitwise checksum, from the
/// layout in docs/LOG_FORMAT.md, where they stand as the worked example.
@Suite("event log: the format on disk")
struct FormatTests {
    private static let header = """
        43 54 53 45 47 4c 4f 47 01 00 00 00 98 1e fc 1a
        00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f
        00 00 00 00 00 00 00 00 00 a8 da 76 9b 01 00 00
        00 20 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        """
    private static let batches = """
        43 54 42 31 37 b7 0f 0a 50 00 00 00 01 00 02 00
        00 00 00 00 00 00 00 00 a0 a1 a2 a3 a4 a5 a6 a7
        a8 a9 aa ab ac ad ae af 07 00 00 00 00 00 00 00
        00 a8 da 76 9b 01 00 00 00 00 00 00 00 10 00 00
        05 00 00 01 03 00 00 02 68 65 6c 6c 6f 6c 6f 67
        43 54 42 31 ab d9 eb e4 50 00 00 00 00 00 01 00
        02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        05 a8 da 76 9b 01 00 00 37 b7 0f 0a 50 10 00 00
        05 00 00 01 74 68 69 72 64 00 00 00 00 00 00 00
        """
    private static let footer = """
        43 54 46 31 ee b5 75 11 00 00 00 00 00 00 00 00
        03 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00
        00 a8 da 76 9b 01 00 00 05 a8 da 76 9b 01 00 00
        a0 10 00 00 00 00 00 00 ab d9 eb e4 00 00 00 00
        """
    private static let mark = """
        43 54 44 55 52 41 42 4c 01 00 00 00 d0 d2 b4 9f
        00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f
        00 00 00 00 00 00 00 00 a0 10 00 00 00 00 00 00
        03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        """

    private let records = [
        PlainRecord(1, Array("hello".utf8)), PlainRecord(2, Array("log".utf8)),
        PlainRecord(1, Array("third".utf8)),
    ]
    private let producer = ProducerMark(
        high: 0xA0A1_A2A3_A4A5_A6A7,
        low: 0xA8A9_AAAB_ACAD_AEAF,
        sequence: 7
    )

    @Test("reads a log that another program wrote, with its producer mark and times")
    func readsGolden() async throws {
        let folder = try TemporaryFolder()
        let written =
            hexBytes(Self.header) + [UInt8](repeating: 0, count: 4032)
            + hexBytes(Self.batches)
        let zeros = [UInt8](repeating: 0, count: 8192 - written.count)
        try folder.write("00000000000000000000.seg", written + zeros)
        try folder.write("durable", hexBytes(Self.mark))
        let log = try EventLog(folder: folder.path, options: smallOptions())
        #expect(log.report.hadDurableMark && log.report.tornBytes == 0)
        #expect(try readAll(log) == records)
        var cursor = log.batches()
        let first = try #require(try cursor.next()).header
        #expect(first.producer == producer && first.appendedMilliseconds == 1_767_225_600_000)
        let second = try #require(try cursor.next()).header
        #expect(second.producer == nil && second.appendedMilliseconds == 1_767_225_600_005)
        #expect(try cursor.next() == nil)
        await log.close()
    }

    @Test("writes batches and footer byte for byte as the other program does")
    func writesGolden() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(1_767_225_600_000)
        var options = smallOptions()
        options.clock = { clock.milliseconds }
        let log = try EventLog(folder: folder.path, options: options)
        _ = try await log.append(makeBatch(Array(records[..<2]), producer: producer))
        clock.set(clock.milliseconds + 5)
        _ = try await log.append(makeBatch([records[2]]))
        let filler = PlainRecord(0, [UInt8](repeating: 1, count: 3900))  // begins a new segment
        _ = try await log.append(makeBatch([filler]))
        await log.close()
        let bytes = try folder.bytes("00000000000000000000.seg")
        #expect(Array(bytes[4096...]) == hexBytes(Self.batches) + hexBytes(Self.footer))
        #expect(Array(bytes[..<12]) == Array(hexBytes(Self.header)[..<12]))
        #expect(Array(bytes[32..<64]) == Array(hexBytes(Self.header)[32...]))
        #expect(bytes[64..<4096].allSatisfy { $0 == 0 })
    }

    @Test("a producer's 16 bytes survive, and no other number of bytes is taken")
    func producerBytes() {
        let bytes = (0..<16).map { UInt8($0 * 16 + 1) }
        #expect(ProducerMark(bytes: bytes, sequence: 1)?.producerBytes == bytes)
        #expect(ProducerMark(bytes: Array(bytes.dropLast()), sequence: 1) == nil)
    }
}
