import Messages
import Testing

@Suite("hostile input")
struct HostileInputTests {
    /// Decodes as every type; the error, if any, is typed by the signature. Returns how many accepted.
    static func tryAll(_ bytes: [UInt8]) -> Int {
        Recoder.all.count { (try? $0.recode(bytes)) != nil }
    }

    @Test(arguments: GoldenCase.all)
    func `a message cut at any byte is refused or is whole fields`(_ golden: GoldenCase) throws {
        let recoder = try #require(Recoder.named(golden.message))
        var refused = 0
        for length in 0..<golden.bytes.count {
            let head = Array(golden.bytes[..<length])
            do throws(MessageError) {
                _ = try recoder.recode(head)
            } catch {
                #expect(error.code == .malformed || error.code == .invalidText, "\(length) bytes")
                refused += 1
            }
        }
        #expect(golden.bytes.isEmpty || refused > 0)
    }

    @Test func `20,000 random frames crash nothing`() {
        var generator = SplitMix64(seed: 20_240_607)
        var accepted = 0
        for _ in 0..<20_000 {
            let count = Int(generator.next() % 64)
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            accepted += Self.tryAll(bytes)
        }
        #expect(accepted > 0, "the empty frame is every message; none was tried")
    }

    @Test func `20,000 messages with changed bytes crash nothing and re-encode stably`() throws {
        var generator = SplitMix64(seed: 77)
        var accepted = 0
        for round in 0..<20_000 {
            let golden = GoldenCase.all[round % GoldenCase.all.count]
            guard !golden.bytes.isEmpty else { continue }
            var bytes = golden.bytes
            for _ in 0...(generator.next() % 3) {
                let index = Int(generator.next() % UInt64(bytes.count))
                bytes[index] = UInt8(truncatingIfNeeded: generator.next())
            }
            let recoder = try #require(Recoder.named(golden.message))
            guard let once = try? recoder.recode(bytes) else { continue }
            accepted += 1
            #expect(try recoder.recode(once) == once, "seed 77, round \(round), \(golden.name)")
        }
        #expect(accepted > 1000)
    }

    @Test func `deep nesting is refused or skipped`() {
        let groups = [UInt8](repeating: 0x0B, count: 10_000)
        #expect(throws: MessageError.self) { try Wire.ListReply(decoding: groups) }

        var nested: [UInt8] = []  // field 1 within field 1, 10,000 times
        for _ in 0..<10_000 { nested = [0x0A] + varint(nested.count) + nested }
        _ = Self.tryAll(nested)

        // An unknown field is bytes, whatever is in it.
        let unknown = [0xFA, 0x3F] + varint(nested.count) + nested
        #expect(Self.tryAll(unknown) == Recoder.all.count)
    }

    @Test func `depth beyond the limit names the field`() throws {
        let request = Wire.ListRequest(
            filter: Wire.Filter(within: Wire.Radius(center: Wire.Place(latitude: 1)))
        )
        let bytes = request.encoded()
        let error = #expect(throws: MessageError.self) {
            try Wire.ListRequest(decoding: bytes.span, limits: DecodeLimits(depth: 3))
        }
        #expect(error?.code == .tooDeep)
        #expect(error?.path == "filter.within.center")
        #expect(
            try Wire.ListRequest(decoding: bytes.span, limits: DecodeLimits(depth: 4)) == request
        )
    }

    @Test func `a million tiny fields are refused with bounded memory`() throws {
        let before = try peakResidentByteCount()
        let million = (0..<2_000_000).map { UInt8($0 % 2 == 0 ? 0x0A : 0x00) }
        let counted = #expect(throws: MessageError.self) {
            try Wire.PutEventsRequest(decoding: million)
        }
        #expect(counted?.code == .tooLarge)
        // Few enough fields to pass the count, yet each becomes a whole C struct.
        let dense = Array(million.prefix(800_000))
        let budgeted = #expect(throws: MessageError.self) {
            try Wire.PutEventsRequest(decoding: dense)
        }
        #expect(budgeted?.code == .tooLarge)
        #expect(budgeted?.problem.contains("bytes of memory") == true)
        let grown = try peakResidentByteCount() - before
        #expect(grown < 96 << 20, "grew by \(grown >> 20) MiB")
    }

    @Test func `the fullest legal batch is accepted`() throws {
        let event = Wire.Event(
            id: "id-0001",
            user: "u",
            item: "i",
            action: "view",
            instantMs: 1,
            utcOffsetMinutes: 60,
            place: Wire.Place(latitude: 1, longitude: 1, accuracyMeters: 1),
            context: Wire.Context(
                platform: "p",
                device: "d",
                session: "s",
                tags: [String](repeating: "t", count: 32)
            ),
            value: Wire.Value(amount: 1),
            queryText: "q",
            recommendationId: "r"
        )
        let full = Wire.PutEventsRequest(events: [Wire.Event](repeating: event, count: 10_000))
        #expect(try Wire.PutEventsRequest(decoding: full.encoded()) == full)
        let empty = Wire.PutEventsRequest(
            events: [Wire.Event](repeating: Wire.Event(), count: 10_000)
        )
        #expect(try Wire.PutEventsRequest(decoding: empty.encoded()) == empty)
    }

    @Test func `a frame above the method's size is refused`() {
        let error = #expect(throws: MessageError.self) {
            try Wire.Event(decoding: [UInt8](repeating: 0, count: 11), maxByteCount: 10)
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.problem == "11 bytes; at most 10 are accepted")
    }

    /// A batch whose third event's second tag is `tag`, written by hand.
    static func batch(tag: [UInt8]) -> [UInt8] {
        func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
            [number << 3 | 2] + varint(content.count) + content
        }
        let event = field(8, field(4, [0x61]) + field(4, tag))
        return field(1, []) + field(1, []) + field(1, event)
    }

    @Test(
        arguments: [
            [0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0x61, 0xE2, 0x82],
        ] as [[UInt8]]
    )
    func `text that is not UTF-8 is refused by path`(_ tag: [UInt8]) {
        let error = #expect(throws: MessageError.self) {
            try Wire.PutEventsRequest(decoding: Self.batch(tag: tag))
        }
        #expect(error?.code == .invalidText)
        #expect(error?.path == "events[2].context.tags[1]")
    }

    @Test func `text with NUL is refused by path`() throws {
        let error = #expect(throws: MessageError.self) {
            try Wire.PutEventsRequest(decoding: Self.batch(tag: [0x61, 0, 0x62]))
        }
        #expect(error?.code == .invalidText)
        #expect(error?.path == "events[2].context.tags[1]")
        #expect(error?.problem == "string has a NUL at byte 1")
        let sound = try Wire.PutEventsRequest(decoding: Self.batch(tag: [0xC3, 0xA9]))
        #expect(sound.events[2].context?.tags == ["a", "é"])
    }

    @Test func `a wrong wire type and a cut packed list are refused by path`() {
        let number = #expect(throws: MessageError.self) { try Wire.Event(decoding: [0x08, 0x01]) }
        #expect(number?.path == "id" && number?.code == .malformed)
        let packed = #expect(throws: MessageError.self) {
            try Wire.UserVectorReply(decoding: [0x0A, 0x05, 0, 0, 0, 0, 0])
        }
        #expect(packed?.path == "vector[0]" && packed?.code == .malformed)
    }

    @Test(
        arguments: [[0x00], [0x07], [0x0F, 0], [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]] as [[UInt8]]
    )
    func `a tag that is none is refused`(_ bytes: [UInt8]) {
        #expect(throws: MessageError.self) { try Wire.Event(decoding: bytes) }
    }

    @Test func `singular fields repeated many times stay within the budget`() {
        let polygon = Wire.ListRequest(
            filter: Wire.Filter(polygon: [Wire.Place](repeating: Wire.Place(), count: 10_000))
        )
        let one = Wire.ListRequest(filter: Wire.Filter(polygon: [Wire.Place()])).encoded()
        let bytes = polygon.encoded() + (0..<50_000).flatMap { _ in one }
        let error = #expect(throws: MessageError.self) { try Wire.ListRequest(decoding: bytes) }
        #expect(error?.code == .tooLarge)
    }
}
