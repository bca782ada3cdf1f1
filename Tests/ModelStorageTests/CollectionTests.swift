import Foundation
import ModelStorage
import Testing

@Suite("garbage collection")
struct CollectionTests {
    private let fixture: StoreFixture
    private let store: ModelStore
    private let versions: [ModelVersion]

    init() throws {
        fixture = try StoreFixture()
        store = try fixture.open(.publisher)
        versions = try fixture.publish(6, into: store)
    }

    private var present: [ModelVersion] {
        get throws { try store.versions().map(\.version) }
    }

    @Test("the newest are kept, the rest goes, and numbers are not used again")
    func keepLast() throws {
        // `latest` names the sixth: it is kept beside those asked for.
        #expect(try store.garbageCollect(keepLast: 2) == Array(versions[..<3]))
        #expect(try present == Array(versions[3...]))
        #expect(try store.garbageCollect(keepLast: 2).isEmpty)
        #expect(try store.garbageCollect(keepLast: 0) == [versions[3], versions[4]])
        #expect(try store.publish(StoreFixture.draft(), who: "a").number == 7)
    }

    @Test("aliased versions, and those a rollback would lead to, stay")
    func aliased() throws {
        _ = try store.setAlias("stable", to: versions[0], who: "a", why: "b")
        _ = try store.setAlias("stable", to: versions[2], who: "a", why: "b")
        #expect(try store.garbageCollect(keepLast: 1) == [versions[1], versions[3]])
        let table = try store.rollback("stable", who: "a", why: "b")
        #expect(table.aliases["stable"] == versions[0])
    }

    @Test("pinned versions stay until the pin is let go")
    func pinned() throws {
        let reader = try fixture.open(.reader)
        var pin: VersionPin? = try reader.pin(versions[0])
        var loaded: LoadedVersion? = try reader.load(versions[1])
        #expect(try store.garbageCollect(keepLast: 1) == Array(versions[2..<4]))
        #expect(pin?.version == versions[0] && loaded?.version == versions[1])
        (pin, loaded) = (nil, nil)
        #expect(try store.garbageCollect(keepLast: 1) == [versions[0], versions[1]])
    }

    @Test("aliased and pinned versions do not count among those to keep")
    func contract() throws {
        _ = try store.setAlias("stable", to: versions[4], who: "a", why: "b")
        let pin = try fixture.open(.reader).pin(versions[3])
        #expect(try store.garbageCollect(keepLast: 2) == [versions[0]])
        #expect(try present == Array(versions[1...]))
        #expect(pin.version == versions[3])
    }

    @Test("a collected version is gone for readers at once")
    func goneForReaders() throws {
        let reader = try fixture.open(.reader)
        _ = try store.garbageCollect(keepLast: 1)
        #expect(errorCode { _ = try reader.load(versions[0]) } == .versionNotFound)
        #expect(errorCode { _ = try reader.pin(versions[0]) } == .versionNotFound)
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(fixture.path)/tmp")
        #expect(left.isEmpty)
    }

    @Test("broken versions do not count among the newest")
    func broken() throws {
        let manifest = "\(fixture.path)/versions/\(versions[5].name)/manifest.json"
        try FileManager.default.removeItem(atPath: manifest)
        // `latest` names the broken one.
        #expect(try store.garbageCollect(keepLast: 2) == Array(versions[..<3]))
        #expect(try present == Array(versions[3...]))
        let other = "\(fixture.path)/versions/\(versions[4].name)/manifest.json"
        try FileManager.default.removeItem(atPath: other)
        #expect(try store.garbageCollect(keepLast: 1).isEmpty)
    }
}
