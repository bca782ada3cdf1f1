import Messages
import RPC
import TestSupport
import Testing

@Suite("ingest: feature vectors of items")
struct FeatureVectorTests {
    private func node(_ folder: TemporaryFolder) async throws -> IngestNode {
        let node = try IngestNode(folder, clock: ManualClock(Routine.start))
        try await node.start()
        return node
    }

    private static func item(_ id: String, _ vectors: (String, [Float])...) -> Wire.Item {
        Wire.Item(
            id: id,
            features: vectors.map { Wire.FeatureVector(name: $0.0, values: $0.1) }
        )
    }

    private static let manyVectors = Wire.Item(
        id: "many",
        features: (0..<9).map { Wire.FeatureVector(name: "v\($0)", values: [1]) }
    )

    @Test("each broken vector is refused by index with reason and remedy; the rest go in")
    func refusals() async throws {
        let broken: [(reason: String, item: Wire.Item)] = [
            ("infinite or no number", Self.item("nan", ("text", [1, .nan]))),
            ("infinite or no number", Self.item("inf", ("text", [-.infinity, 1]))),
            ("without numbers", Self.item("empty", ("text", []))),
            ("name is empty", Self.item("unnamed", ("", [1, 2]))),
            ("two vectors of one name", Self.item("twice", ("text", [1, 2]), ("text", [1, 2]))),
            ("more than 8 vectors", Self.manyVectors),
            (
                "2048 numbers",
                Self.item("long", ("text", [Float](repeating: 1, count: 2_049)))
            ),
            ("3 numbers where those of its name have 2", Self.item("wide", ("text", [1, 2, 3]))),
        ]
        let node = try await node(TemporaryFolder())
        let good = Self.item("good", ("text", [0.5, -1]), ("image", [1]))
        let reply = try await node.put(items: [good] + broken.map(\.item) + [good])
        #expect(reply.accepted == 2)
        #expect(reply.refused.map(\.index) == (1...UInt32(broken.count)).map { $0 })
        for (refused, expected) in zip(reply.refused, broken) {
            #expect(refused.field == "features" && !refused.remedy.isEmpty)
            #expect(refused.reason.contains(expected.reason), "\(refused.reason)")
        }
        let refused = try await node.stats().refused.first { $0.rule == "features" }
        #expect(refused?.count == UInt64(broken.count))
        await node.close()
    }

    @Test("the first vector of a name sets its length, also after a restart; no other name's")
    func lengths() async throws {
        let folder = try TemporaryFolder()
        do {
            let node = try await node(folder)
            try await node.put(items: [Self.item("a", ("text", [1, 2]))])
            await node.close()
        }
        let node = try await node(folder)
        let reply = try await node.put(items: [
            Self.item("b", ("text", [1])), Self.item("c", ("text-2", [1])),
            Self.item("d", ("text", [3, 4]), ("text-2", [5])), Self.item("e", ("text-2", [5, 6])),
        ])
        #expect(reply.refused.map(\.index) == [0, 3] && reply.accepted == 2)
        await node.close()
    }

    @Test("a refused item sets no length")
    func refusedSetsNone() async throws {
        let node = try await node(TemporaryFolder())
        let bad = Self.item("bad", ("text", [1, .nan, 3]))
        #expect(try await node.put(items: [bad]).refused.count == 1)
        #expect(try await node.put(items: [Self.item("a", ("text", [1]))]).accepted == 1)
        await node.close()
    }

    @Test("names are few: one more than 64 is refused, known ones go on")
    func names() async throws {
        let node = try await node(TemporaryFolder())
        let items = (0..<65).map { Self.item("i\($0)", ("name-\($0)", [1])) }
        let reply = try await node.put(items: items)
        #expect(reply.accepted == 64 && reply.refused.map(\.index) == [64])
        #expect(reply.refused.first?.reason.contains("64") == true)
        #expect(try await node.put(items: [items[3]]).accepted == 1)
        await node.close()
    }

    @Test("vectors are in the log as they came, and not in what GetItems answers")
    func stored() async throws {
        let node = try await node(TemporaryFolder())
        let item = Self.item("a", ("text", [1.5, -0.0, 1e-38]))
        try await node.put(items: [item])
        #expect(try await node.items(["a"]).map(\.features.count) == [0])
        let record = try #require(try await node.read(from: 0).records.first)
        guard case .item(let stored)? = try Wire.LogRecord(decoding: record.record).kind else {
            Issue.record("no item in the log")
            return
        }
        let bits = stored.features.first?.values.map(\.bitPattern)
        #expect(bits == item.features.first?.values.map(\.bitPattern))
        await node.close()
    }
}
