import Events
import Models
import Testing

@Suite("packed histories")
struct PackedHistoryTests {
    private func history(seed: UInt64, count: Int, isPlain: Bool) -> UserHistory {
        var generator = SeededGenerator(seed: seed)
        var milliseconds: Int64 = 1_700_000_000_123
        return UserHistory(
            (0..<count).map { _ in
                milliseconds +=
                    isPlain
                    ? Int64.random(in: 0...200_000, using: &generator) * 1_000
                    : Int64.random(in: 0...90_000_000, using: &generator)
                return UserHistory.Entry(
                    item: Int32.random(in: 0..<(isPlain ? 1_000_000 : .max), using: &generator),
                    action: isPlain ? 2 : Int16.random(in: -1...5, using: &generator),
                    utcOffsetMinutes: isPlain
                        ? -240 : Int16.random(in: -720...840, using: &generator),
                    instant: Instant(millisecondsSinceEpoch: milliseconds),
                    value: isPlain ? 1 : Float.random(in: -5...5, using: &generator)
                )
            }
        )
    }

    @Test("what is packed reads back exactly, of any kind of event", arguments: 1...50)
    func roundTrip(seed: Int) {
        for count in [0, 1, 2, 50, 1_000] {
            for isPlain in [true, false] {
                let history = history(seed: UInt64(seed), count: count, isPlain: isPlain)
                var bytes: [UInt8] = [9, 9]
                PackedHistory.append(history, to: &bytes)
                bytes.append(7)
                var position = 2
                let read = PackedHistory.read(bytes, at: &position)
                #expect(read == history, "seed \(seed), \(count) events")
                #expect(position == bytes.count - 1, "seed \(seed), \(count) events")
            }
        }
    }

    @Test("instants before 1970 and not a number come back too")
    func extremes() {
        let history = UserHistory([
            UserHistory.Entry(
                item: .max,
                action: .min,
                utcOffsetMinutes: .max,
                instant: Instant(millisecondsSinceEpoch: -5),
                value: -0.0
            ),
            UserHistory.Entry(
                item: 0,
                action: .max,
                utcOffsetMinutes: .min,
                instant: Instant(millisecondsSinceEpoch: 4_102_444_800_000),
                value: .infinity
            ),
        ])
        var bytes: [UInt8] = []
        PackedHistory.append(history, to: &bytes)
        var position = 0
        let read = PackedHistory.read(bytes, at: &position)
        #expect(read == history)
        #expect(read.first?.value.bitPattern == (-0.0 as Float).bitPattern)
    }

    @Test("fifty check-ins among a million items take at most six and a half bytes each")
    func size() {
        let history = history(seed: 1, count: 50, isPlain: true)
        var bytes: [UInt8] = []
        PackedHistory.append(history, to: &bytes)
        #expect(bytes.count <= 325, "\(bytes.count) bytes")
    }
}
