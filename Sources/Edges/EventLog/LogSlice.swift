/// One durable record.
package struct LoggedRecord: Hashable, Sendable {
    package var offset: UInt64
    package var kind: UInt8
    /// When its batch was appended, milliseconds since 1970.
    package var appendedMilliseconds: Int64
    /// The record's bytes; shares the slice's buffer.
    package var bytes: ArraySlice<UInt8>
}

/// Some consecutive durable records of one segment: one buffer and where the records lie in it.
///
/// Indexes run from 0; `slice[i].offset == slice.firstOffset + i`.
package struct LogSlice: Sendable {
    /// A batch of which the slice holds at least one record.
    package struct Batch: Sendable {
        package var header: BatchHeader
        /// Its records in the slice; fewer than `header.count` where the slice begins or ends
        /// inside the batch.
        package var records: Range<Int>
    }

    fileprivate struct Place {
        /// Where the record begins in the buffer.
        var start: UInt32
        /// Kind in the top 8 bits, length in the low 24.
        var word: UInt32
        var batch: UInt32
    }

    /// The offset of the first record; where the slice is empty, the one asked for.
    package let firstOffset: UInt64
    package private(set) var batches: [Batch] = []
    /// Bytes of all records, framing left out.
    package private(set) var byteCount = 0
    private var places: [Place] = []
    private var buffer: [UInt8] = []

    init(firstOffset: UInt64) {
        self.firstOffset = firstOffset
    }

    /// Where the next read goes on.
    package var endOffset: UInt64 { firstOffset + UInt64(places.count) }

    /// Adds the records of a verified batch at `position` of `buffer` from the offset that is due
    /// on, until a limit is reached. The first record of a slice always fits. Returns whether
    /// there may be room for more.
    mutating func add(
        _ header: BatchHeader,
        at position: Int,
        of buffer: [UInt8],
        maxRecords: Int,
        maxBytes: Int
    ) -> Bool {
        let table = position + BatchHeader.byteCount
        var start = table + 4 * header.count
        let skipped = Int(endOffset - header.firstOffset)
        let first = places.count
        var isOpen = true
        places.reserveCapacity(Swift.min(maxRecords, places.count + header.count - skipped))
        for index in 0..<header.count {
            let word = buffer.load32(at: table + 4 * index)
            let length = Int(word & 0xFF_FFFF)
            if index >= skipped {
                let isFull = places.count >= maxRecords || byteCount + length > maxBytes
                guard places.isEmpty || !isFull else {
                    isOpen = false
                    break
                }
                places.append(
                    Place(start: UInt32(start), word: word, batch: UInt32(batches.count))
                )
                byteCount += length
            }
            start += length
        }
        if places.count > first {
            batches.append(Batch(header: header, records: first..<places.count))
        }
        return isOpen && places.count < maxRecords && byteCount < maxBytes
    }

    mutating func own(_ buffer: [UInt8]) {
        self.buffer = buffer
    }
}

extension LogSlice: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { places.count }

    package subscript(index: Int) -> LoggedRecord {
        let place = places[index]
        let start = Int(place.start)
        return LoggedRecord(
            offset: firstOffset + UInt64(index),
            kind: UInt8(place.word >> 24),
            appendedMilliseconds: batches[Int(place.batch)].header.appendedMilliseconds,
            bytes: buffer[start..<start + Int(place.word & 0xFF_FFFF)]
        )
    }
}
