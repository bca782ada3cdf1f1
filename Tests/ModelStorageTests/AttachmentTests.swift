import Foundation
import ModelStorage
import Testing

@Suite("files that come to a version after its publication")
struct AttachmentTests {
    private static let name = "patterns.jsonl"
    private let fixture: StoreFixture
    private let store: ModelStore
    private let version: ModelVersion

    init() throws {
        fixture = try StoreFixture()
        store = try fixture.open(.publisher)
        var draft = StoreFixture.draft()
        draft.files[Self.name] = nil
        version = try store.publish(draft, who: "trainer")
    }

    private var path: String { "\(fixture.path)/versions/\(version.name)/\(Self.name)" }
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("it reads back, is replaced, and leaves the manifest's promise as it was")
    func roundTrip() throws {
        let reader = try fixture.open(.reader)
        #expect(try reader.attachment(Self.name, of: version) == nil)
        #expect(try reader.attachmentStamp(Self.name, of: version) == nil)
        let manifest = try store.manifest(of: version)
        try store.attach(bytes("{\"a\":1}\n"), as: Self.name, to: version)
        #expect(try reader.attachment(Self.name, of: version) == bytes("{\"a\":1}\n"))
        let stamp = try reader.attachmentStamp(Self.name, of: version)
        #expect(try reader.attachmentStamp(Self.name, of: version) == stamp && stamp != nil)
        try store.attach([], as: Self.name, to: version)
        #expect(try reader.attachment(Self.name, of: version) == [])
        #expect(try reader.attachmentStamp(Self.name, of: version) != stamp)
        #expect(try reader.manifest(of: version).files == manifest.files)
        #expect(try reader.load(version, deep: true).tensorFileNames.count == 3)
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.path + "/tmp")
        #expect(left.isEmpty)
    }

    @Test("every flipped bit and every cut is refused")
    func damage() throws {
        try store.attach(bytes("{\"a\":1}\n{\"b\":2}\n"), as: Self.name, to: version)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for bit in 0..<whole.count * 8 {
            try flipBit(bit, of: path)
            let code = errorCode { _ = try store.attachment(Self.name, of: version) }
            // Of the seal itself some bytes are of no account: then the file reads as it was.
            let isSame = (try? store.attachment(Self.name, of: version)) == Array(whole.prefix(16))
            #expect(code == .corrupt || isSame, "bit \(bit)")
            try flipBit(bit, of: path)
        }
        for count in 0..<whole.count {
            try whole.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(
                errorCode { _ = try store.attachment(Self.name, of: version) } == .corrupt,
                "\(count) bytes"
            )
        }
    }

    @Test("only a publisher attaches, to a version that exists, under a free name")
    func refusals() throws {
        let reader = try fixture.open(.reader)
        let other = try #require(ModelVersion(9))
        #expect(errorCode { try reader.attach([], as: Self.name, to: version) } == .invalidArgument)
        #expect(errorCode { try store.attach([], as: Self.name, to: other) } == .versionNotFound)
        #expect(errorCode { _ = try reader.attachment(Self.name, of: other) } == .versionNotFound)
        for name in ["items.safetensors", "manifest.json", "PIN", "../x", ""] {
            #expect(
                errorCode { try store.attach([], as: name, to: version) } == .invalidArgument,
                "\(name)"
            )
        }
    }

    @Test("a crash before the rename leaves the old file, and what it wrote is swept")
    func crash() throws {
        try store.attach(bytes("old\n"), as: Self.name, to: version)
        let aside = "\(fixture.path)/tmp/\(version.name)-\(Self.name)"
        try Data("half".utf8).write(to: URL(fileURLWithPath: aside))
        #expect(try store.attachment(Self.name, of: version) == bytes("old\n"))
        // The next attachment is not in the way of what lies there.
        try store.attach(bytes("new\n"), as: Self.name, to: version)
        #expect(try store.attachment(Self.name, of: version) == bytes("new\n"))
        #expect(!FileManager.default.fileExists(atPath: aside))
    }
}
