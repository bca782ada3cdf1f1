/// What the decoder accepts before it spends memory.
package struct DecodeLimits: Sendable {
    /// The largest frame of any method: ingest batches.
    package static let maxByteCount = 8 << 20

    /// Fields of one frame, at every depth together.
    ///
    /// protobuf-c keeps 32 bytes about every field while it reads a message, and a field can be as short
    /// as 2 bytes. The fullest legal frame is a batch of 10,000 events with 32 tags each, 51 fields an
    /// event.
    package static let maxFieldCount = 1 << 19

    /// Messages within messages. The contract needs 5; protobuf-c itself would overflow its stack.
    package static let maxDepth = 32

    /// Memory while decoding: a floor for small frames, and a multiple of the frame above it.
    ///
    /// An event of 20 wire bytes takes about 230 in C, a factor of 12. Beyond 16 only frames that are
    /// made to be expensive arrive, as a list of a million empty messages.
    package static let arenaFloorByteCount = 4 << 20
    package static let arenaBytesPerFrameByte = 16

    package static let `default` = DecodeLimits()

    package var byteCount: Int
    package var fieldCount: Int
    package var depth: Int

    package init(
        byteCount: Int = DecodeLimits.maxByteCount,
        fieldCount: Int = DecodeLimits.maxFieldCount,
        depth: Int = DecodeLimits.maxDepth
    ) {
        self.byteCount = byteCount
        self.fieldCount = fieldCount
        self.depth = depth
    }

    /// The most memory that decoding a frame of `frame` bytes may take before its values are copied out.
    package static func arenaByteCount(frame: Int) -> Int {
        arenaFloorByteCount + arenaBytesPerFrameByte * frame
    }
}
