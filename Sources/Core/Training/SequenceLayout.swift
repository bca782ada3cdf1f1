internal import Models
internal import Propagation
internal import Workers

/// Where the events of some sequences lie: as rows for what each event passes by itself, and by head
/// and time for convolutions.
struct SequenceLayout: Sendable {
    struct Place: Sendable {
        var sequence: Int
        var time: Int
    }

    /// Of each event: sequence after sequence, in order of time.
    let places: [Place]
    private let sequenceCount: Int
    /// The most events of a sequence.
    let length: Int
    /// The event at each (time, sequence), −1 where there is none: [length][sequences].
    private let events: [Int32]
    let headCount = SequenceEncoder.headCount

    /// - Parameter eventCounts: by sequence.
    init(eventCounts: [Int]) {
        sequenceCount = eventCounts.count
        length = eventCounts.max() ?? 0
        places = eventCounts.enumerated().flatMap { sequence, count in
            (0..<count).map { Place(sequence: sequence, time: $0) }
        }
        var events = [Int32](repeating: -1, count: length * sequenceCount)
        for (event, place) in places.enumerated() {
            events[place.time * sequenceCount + place.sequence] = Int32(event)
        }
        self.events = events
    }

    /// From shape [events, d] to [heads · length, sequences · d / heads], each number times its head's
    /// and time's scale.
    ///
    /// - Parameter scales: shape [heads, length]; nil = all 1.
    func packed(_ rows: DenseMatrix, scales: [Float]? = nil, on pool: WorkerPool) -> DenseMatrix {
        let width = rows.columnCount
        let headWidth = width / headCount
        let packedWidth = sequenceCount * headWidth
        return .inBlocks(
            rowCount: headCount * length,
            columnCount: packedWidth,
            on: pool
        ) { packedRows, block in
            rows.withValues { values in
                for row in packedRows {
                    let (head, time) = row.quotientAndRemainder(dividingBy: length)
                    let scale = scales?[row] ?? 1
                    var to = (row - packedRows.lowerBound) * packedWidth
                    for sequence in 0..<sequenceCount {
                        let event = Int(events[time * sequenceCount + sequence])
                        if event >= 0 {
                            let from = event * width + head * headWidth
                            for column in 0..<headWidth {
                                block[to + column] = scale * values[from + column]
                            }
                        }
                        to += headWidth
                    }
                }
            }
        }
    }

    /// The way back from `packed`.
    func unpacked(
        _ packed: DenseMatrix,
        scales: [Float]? = nil,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let headWidth = packed.columnCount / sequenceCount
        let width = headCount * headWidth
        return .inBlocks(rowCount: places.count, columnCount: width, on: pool) { rows, block in
            packed.withValues { values in
                for event in rows {
                    let place = places[event]
                    for head in 0..<headCount {
                        let row = head * length + place.time
                        let scale = scales?[row] ?? 1
                        let from = row * packed.columnCount + place.sequence * headWidth
                        let to = (event - rows.lowerBound) * width + head * headWidth
                        for column in 0..<headWidth {
                            block[to + column] = scale * values[from + column]
                        }
                    }
                }
            }
        }
    }
}
