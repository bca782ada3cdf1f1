import EventLog
import Foundation
import Synchronization
import Testing

/// SplitMix64: a seed in a failure message repeats the run.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// A folder on the real disk, removed at the end of the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/event-log-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    var segments: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".seg") }.sorted()
        }
    }
}

/// Milliseconds that move only when told to.
final class ManualClock: Sendable {
    private let now: Mutex<Int64>

    init(_ milliseconds: Int64) { now = Mutex(milliseconds) }

    func set(_ milliseconds: Int64) { now.withLock { $0 = milliseconds } }
    var milliseconds: Int64 { now.withLock { $0 } }
}

/// What a test appended or expects: kind and bytes.
struct PlainRecord: Hashable, Sendable {
    var kind: UInt8
    var bytes: [UInt8]

    init(_ kind: UInt8, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    init(_ text: String) { self.init(1, Array(text.utf8)) }

    static func random(atMost byteCount: Int, _ random: inout SeededGenerator) -> PlainRecord {
        let count = Int.random(in: 0...byteCount, using: &random)
        return PlainRecord(
            UInt8.random(in: 0...255, using: &random),
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        )
    }
}

func makeBatch(
    _ records: [PlainRecord],
    producer: ProducerMark? = nil
) throws(EventLogError) -> RecordBatch {
    var batch = RecordBatch(producer: producer)
    for record in records { try batch.append(kind: record.kind, record.bytes) }
    return batch
}

/// Small segments, one order of calls, no waiting.
func smallOptions(
    _ storage: any StorageIO = PosixStorage(),
    segmentBytes: Int = 8192
) -> EventLogOptions {
    var options = EventLogOptions()
    options.storage = storage
    options.segmentBytes = segmentBytes
    options.preparesInBackground = false
    options.groupWaiting = .never
    return options
}

/// All durable records, by slices with the given limits; fails the test for a wrong offset.
func readAll(
    _ log: EventLog,
    from start: UInt64 = 0,
    maxRecords: Int = 10_000,
    maxBytes: Int = 1 << 20
) throws -> [PlainRecord] {
    var records: [PlainRecord] = []
    var next = start
    while true {
        let slice = try log.read(from: next, maxRecords: maxRecords, maxBytes: maxBytes)
        if slice.isEmpty { return records }
        for record in slice {
            #expect(record.offset == start + UInt64(records.count))
            records.append(PlainRecord(record.kind, Array(record.bytes)))
        }
        next = slice.endOffset
    }
}

/// The log's error of a body that must fail; nil, and a failed test, if it does not.
func refusal(
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) -> EventLogError? {
    do {
        try body()
        Issue.record(comment ?? "no error", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error as? EventLogError
    }
}

func hexBytes(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).compactMap { start in
        let first = digits.index(digits.startIndex, offsetBy: start)
        return UInt8(digits[first..<digits.index(first, offsetBy: 2)], radix: 16)
    }
}
