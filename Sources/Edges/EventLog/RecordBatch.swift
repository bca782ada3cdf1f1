/// Who sent a batch, and its place in that producer's own contiguous numbering.
package struct ProducerMark: Hashable, Sendable {
    /// 16 bytes, in two big-endian halves: `ProducerMark(bytes:sequence:)` takes them as they come.
    package var high: UInt64
    package var low: UInt64
    package var sequence: UInt64

    package init(high: UInt64, low: UInt64, sequence: UInt64) {
        self.high = high
        self.low = low
        self.sequence = sequence
    }

    /// Nil unless `bytes` holds exactly 16 bytes.
    package init?(bytes: [UInt8], sequence: UInt64) {
        guard bytes.count == 16 else { return nil }
        self.init(
            high: bytes.load64(at: 0).byteSwapped,
            low: bytes.load64(at: 8).byteSwapped,
            sequence: sequence
        )
    }

    /// The producer's 16 bytes.
    package var producerBytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes.store(high.byteSwapped, at: 0)
        bytes.store(low.byteSwapped, at: 8)
        return bytes
    }
}

/// Records to append together: all of them become readable at once, or none.
package struct RecordBatch: Sendable {
    /// More records in one batch are refused: a reply names them by index, and one batch is one
    /// unit of checking.
    package static let maxRecordCount = 10_000
    /// The length has 24 bits in the record table.
    package static let maxRecordBytes = (1 << 24) - 1
    /// Twice the largest frame that the ingest service takes (8 MiB).
    package static let maxBatchBytes = 16 << 20

    package var producer: ProducerMark?
    /// One word a record: kind in the top 8 bits, length in the low 24.
    private(set) var table: [UInt32] = []
    private(set) var bytes: [UInt8] = []

    package init(producer: ProducerMark? = nil) {
        self.producer = producer
    }

    package var count: Int { table.count }
    /// Bytes of all records, framing left out.
    package var byteCount: Int { bytes.count }

    /// Adds one record. Throws `.invalidBatch` past a limit and then leaves the batch as it was.
    package mutating func append(kind: UInt8, _ record: [UInt8]) throws(EventLogError) {
        guard table.count < RecordBatch.maxRecordCount else {
            throw RecordBatch.refusal("more than \(RecordBatch.maxRecordCount) records")
        }
        guard record.count <= RecordBatch.maxRecordBytes else {
            throw RecordBatch.refusal(
                "a record of \(record.count) bytes, at most \(RecordBatch.maxRecordBytes) fit"
            )
        }
        table.append(UInt32(kind) << 24 | UInt32(record.count))
        bytes += record
    }

    /// The batch as it will lie on disk, but for what only the writer knows (offset, time, chain,
    /// checksum), which is zero.
    func encoded(atMost limit: Int) throws(EventLogError) -> [UInt8] {
        guard count > 0 else { throw RecordBatch.refusal("no records") }
        let used = BatchHeader.byteCount + 4 * table.count + bytes.count
        let length = alignedUp(used)
        guard length <= limit else {
            throw RecordBatch.refusal("\(length) bytes with framing, at most \(limit) fit")
        }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(length)
        encoded += [UInt8](repeating: 0, count: BatchHeader.byteCount)
        for word in table {
            encoded.append(UInt8(truncatingIfNeeded: word))
            encoded.append(UInt8(truncatingIfNeeded: word >> 8))
            encoded.append(UInt8(truncatingIfNeeded: word >> 16))
            encoded.append(UInt8(truncatingIfNeeded: word >> 24))
        }
        encoded += bytes
        encoded += [UInt8](repeating: 0, count: length - used)
        return encoded
    }

    private static func refusal(_ problem: String) -> EventLogError {
        EventLogError(
            .invalidBatch,
            path: "",
            problem: "the batch has \(problem)",
            remedy: "split it"
        )
    }
}
