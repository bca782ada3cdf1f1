internal import Events

/// A history in few bytes: about six an event of one action in a catalogue of a million items, where
/// an entry in memory takes 24.
///
/// Memory of live users is what bounds a server; reading a history costs some nanoseconds an event,
/// once a question. Numbers are LEB128, signed ones zigzag. First the number of events and the first
/// instant in milliseconds, then for each event
///
///     item · 2 + 1, seconds since the event before              nothing else is new
///     item · 2, kinds, [action] [offset] [value] time since     else; `kinds` says what follows
package enum PackedHistory {
    private static let hasAction: UInt8 = 1
    private static let hasOffset: UInt8 = 2
    private static let hasValue: UInt8 = 4
    /// The time since the event before is in milliseconds.
    private static let isInMilliseconds: UInt8 = 8

    /// Appends the history to `bytes`. Items are not negative.
    package static func append(_ history: UserHistory, to bytes: inout [UInt8]) {
        append(UInt64(history.entries.count), to: &bytes)
        guard let first = history.first else { return }
        append(zigzag(first.instant.millisecondsSinceEpoch), to: &bytes)
        var before = UserHistory.Entry(item: 0, instant: first.instant)
        for entry in history.entries {
            append(entry, after: before, to: &bytes)
            before = entry
        }
    }

    private static func append(
        _ entry: UserHistory.Entry,
        after before: UserHistory.Entry,
        to bytes: inout [UInt8]
    ) {
        let gap = UInt64(
            entry.instant.millisecondsSinceEpoch - before.instant.millisecondsSinceEpoch
        )
        var kinds: UInt8 = 0
        if entry.action != before.action { kinds |= hasAction }
        if entry.utcOffsetMinutes != before.utcOffsetMinutes { kinds |= hasOffset }
        if entry.value != 1 { kinds |= hasValue }
        if gap % 1_000 != 0 { kinds |= isInMilliseconds }
        append(UInt64(entry.item) << 1 | (kinds == 0 ? 1 : 0), to: &bytes)
        if kinds != 0 { bytes.append(kinds) }
        if kinds & hasAction != 0 { append(zigzag(Int64(entry.action)), to: &bytes) }
        if kinds & hasOffset != 0 { append(zigzag(Int64(entry.utcOffsetMinutes)), to: &bytes) }
        if kinds & hasValue != 0 {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: entry.value.bitPattern >> shift))
            }
        }
        append(kinds & isInMilliseconds != 0 ? gap : gap / 1_000, to: &bytes)
    }

    /// Reads back what `append` wrote at `position`, which moves to its end.
    package static func read(_ bytes: [UInt8], at position: inout Int) -> UserHistory {
        let count = Int(number(bytes, at: &position))
        guard count > 0 else { return UserHistory() }
        var milliseconds = signed(number(bytes, at: &position))
        var action: Int16 = 0
        var offset: Int16 = 0
        var entries: [UserHistory.Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let head = number(bytes, at: &position)
            var value: Float = 1
            var kinds: UInt8 = 0
            if head & 1 == 0 {
                kinds = bytes[position]
                position += 1
                if kinds & hasAction != 0 { action = Int16(signed(number(bytes, at: &position))) }
                if kinds & hasOffset != 0 { offset = Int16(signed(number(bytes, at: &position))) }
                if kinds & hasValue != 0 {
                    let word = (0..<4).reduce(0 as UInt32) {
                        $0 | UInt32(bytes[position + $1]) << UInt32($1 * 8)
                    }
                    value = Float(bitPattern: word)
                    position += 4
                }
            }
            let gap = Int64(number(bytes, at: &position))
            milliseconds += kinds & isInMilliseconds != 0 ? gap : gap * 1_000
            entries.append(
                UserHistory.Entry(
                    item: Int32(head >> 1),
                    action: action,
                    utcOffsetMinutes: offset,
                    instant: Instant(millisecondsSinceEpoch: milliseconds),
                    value: value
                )
            )
        }
        return UserHistory(ordered: entries)
    }

    // MARK: - Numbers

    package static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package static func number(_ bytes: [UInt8], at position: inout Int) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    private static func zigzag(_ number: Int64) -> UInt64 {
        UInt64(bitPattern: number << 1 ^ number >> 63)
    }

    private static func signed(_ number: UInt64) -> Int64 {
        Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }
}
