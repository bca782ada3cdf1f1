import Foundation
import ModelStorage
import Testing

@Suite("store faults")
struct StoreFaultTests {
    private let fixture: StoreFixture
    init() throws { fixture = try StoreFixture() }

    private func versionPath(_ version: ModelVersion) -> String {
        "\(fixture.path)/versions/\(version.name)"
    }

    @Test("a process killed before any step of a publication leaves the old state or the new")
    func killedBetweenSteps() throws {
        let store = try fixture.open(.publisher)
        let first = try store.publish(StoreFixture.draft(1), who: "a")
        // What a killed process leaves is what the disk held at that moment: a copy of it.
        var images: [(PublishStep, String)] = []
        let second = try store.publish(StoreFixture.draft(2), who: "a") {
            step throws(ModelStoreError) in
            let image = fixture.folder.file("image-\(images.count)")
            images.append((step, image))
            do {
                try FileManager.default.copyItem(atPath: fixture.path, toPath: image)
            } catch {
                Issue.record("no copy at \(step): \(error)")
            }
        }
        #expect(images.count == 11)
        for (step, image) in images {
            let isRenamed = [.syncVersions, .verify, .moveLatest].contains(step)
            let reopened = try fixture.open(.publisher, at: image)
            let expected = isRenamed ? [first, second] : [first]
            #expect(try reopened.versions().map(\.version) == expected, "\(step)")
            #expect(try reopened.versions().allSatisfy(\.isIntact), "\(step)")
            #expect(try reopened.version(of: "latest") == expected.last, "\(step)")
            for version in expected { _ = try reopened.load(version, deep: true) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(image)/tmp").isEmpty)
            let next = try reopened.publish(StoreFixture.draft(3), who: "a")
            #expect(next.number == expected.count + 1, "\(step)")
        }
    }

    @Test("a publication that fails at any step leaves the aliases alone, and the next succeeds")
    func failsAtSteps() throws {
        let store = try fixture.open(.publisher)
        let first = try store.publish(StoreFixture.draft(1), who: "a")
        let steps: [PublishStep] = [
            .claimNumber, .writeFile("items.safetensors"), .writeFile("users-00.safetensors"),
            .writeManifest, .syncFolder, .rename, .syncVersions, .verify, .moveLatest,
        ]
        for step in steps {
            let failure = ModelStoreError(code: .io, path: "", problem: "injected", remedy: "")
            let code = errorCode {
                _ = try store.publish(StoreFixture.draft(2), who: "a") {
                    (next: PublishStep) throws(ModelStoreError) in
                    if next == step { throw failure }
                }
            }
            #expect(code == .io, "\(step)")
            #expect(try store.version(of: "latest") == first, "\(step)")
            #expect(try store.versions().allSatisfy(\.isIntact), "\(step)")
            let left = try FileManager.default.contentsOfDirectory(atPath: "\(fixture.path)/tmp")
            #expect(left.isEmpty, "\(step): \(left)")
        }
        let next = try store.publish(StoreFixture.draft(2), who: "a")
        #expect(try store.version(of: "latest") == next)
    }

    @Test("a flipped bit in any file of a version is refused by load, and nothing crashes")
    func flippedBits() throws {
        let store = try fixture.open(.publisher)
        let version = try store.publish(StoreFixture.draft(), who: "a")
        let names = try FileManager.default.contentsOfDirectory(atPath: versionPath(version))
        #expect(names.count == 7)
        for name in names where name != "PIN" {
            let path = "\(versionPath(version))/\(name)"
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            let bitCount = good.count * 8
            // Every bit of a small file, 200 spread over a large one, and the last.
            let bits =
                Array(stride(from: 0, to: bitCount, by: max(1, bitCount / 200))) + [bitCount - 1]
            for bit in bits {
                try flipBit(bit, of: path)
                let error = storeError { _ = try store.load(version) }
                #expect(error?.code == .corrupt, "\(name) bit \(bit)")
                // A manifest and its hash tell of each other.
                let place = name == "manifest.sha256" ? "manifest.json" : name
                #expect(error?.path == "versions/\(version.name)/\(place)")
                let reason = name.hasPrefix("manifest") ? "SHA-256" : "CRC-32C"
                #expect(error?.problem.contains(reason) == true, "\(error?.problem ?? "")")
                #expect(error?.remedy.contains("publish the version again") == true)
                try good.write(to: URL(fileURLWithPath: path))
            }
        }
        _ = try store.load(version, deep: true)
    }

    @Test("a flipped bit in FORMAT is refused at open")
    func flippedFormat() throws {
        _ = try fixture.open(.publisher)
        let path = "\(fixture.path)/FORMAT"
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        for bit in 0..<good.count * 8 {
            try flipBit(bit, of: path)
            let code = errorCode { _ = try fixture.open(.reader) }
            // A digit that became greater is a later format as far as anyone can tell.
            #expect(code == .corrupt || code == .formatTooNew, "bit \(bit)")
            try good.write(to: URL(fileURLWithPath: path))
        }
    }

    @Test("a flipped bit in the alias table or its history is refused, and versions still load")
    func flippedAliases() throws {
        let store = try fixture.open(.publisher)
        let version = try store.publish(StoreFixture.draft(), who: "a")
        for name in ["aliases.json", "history.jsonl"] {
            let path = "\(fixture.path)/\(name)"
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            // A stride without a common factor with 8 meets every place in a byte.
            for bit in stride(from: 0, to: good.count * 8, by: 5) {
                try flipBit(bit, of: path)
                #expect(errorCode { _ = try store.history() } == .corrupt, "\(name) bit \(bit)")
                try good.write(to: URL(fileURLWithPath: path))
            }
        }
        _ = try store.load(version)
    }

    @Test("half-copied and truncated versions are listed as broken with the reason")
    func halfCopied() throws {
        let store = try fixture.open(.publisher)
        let versions = try fixture.publish(5, into: store)
        let manager = FileManager.default
        try manager.removeItem(atPath: "\(versionPath(versions[0]))/users-00.safetensors")
        try manager.removeItem(atPath: "\(versionPath(versions[1]))/manifest.json")
        try truncate("\(versionPath(versions[2]))/manifest.json")
        try truncate("\(versionPath(versions[3]))/items.safetensors")
        try manager.createDirectory(
            atPath: "\(fixture.path)/versions/v0000000009",
            withIntermediateDirectories: false
        )
        try Data().write(to: URL(fileURLWithPath: "\(fixture.path)/versions/v0000000010"))
        let expected: [(file: String, reason: String)?] = [
            ("users-00.safetensors", "the file is missing"),
            ("manifest.json", "the file is missing"),
            ("manifest.json", "its SHA-256 is not the one"),
            ("items.safetensors", "bytes, manifest says"),
            nil,
            ("manifest.json", "the file is missing"),
            ("manifest.json", "the file is missing"),
        ]
        let summaries = try store.versions()
        #expect(summaries.count == expected.count)
        for (summary, damage) in zip(summaries, expected) {
            switch summary.state {
            case .intact: #expect(damage == nil, "\(summary.version)")
            case .broken(let error):
                let place = "versions/\(summary.version.name)/\(damage?.file ?? "")"
                #expect(error.code == .corrupt && error.path == place, "\(error)")
                #expect(error.problem.contains(damage?.reason ?? "none"), "\(error)")
                #expect(error.remedy.contains("restore the file"), "\(error)")
            }
            #expect(summary.isIntact == (errorCode { _ = try store.load(summary.version) } == nil))
        }
        #expect(try store.publish(StoreFixture.draft(), who: "a").number == 11)
    }

    @Test("swapped shard files are refused")
    func swapped() throws {
        let store = try fixture.open(.publisher)
        let version = try store.publish(StoreFixture.draft(), who: "a")
        let (one, two) = ("items.safetensors", "model.safetensors")
        let folder = versionPath(version)
        try FileManager.default.moveItem(atPath: "\(folder)/\(one)", toPath: "\(folder)/x")
        try FileManager.default.moveItem(atPath: "\(folder)/\(two)", toPath: "\(folder)/\(one)")
        try FileManager.default.moveItem(atPath: "\(folder)/x", toPath: "\(folder)/\(two)")
        #expect(errorCode { _ = try store.load(version) } == .corrupt)
    }

    @Test("a link in place of a file is not followed")
    func link() throws {
        let store = try fixture.open(.publisher)
        let version = try store.publish(StoreFixture.draft(), who: "a")
        let path = "\(versionPath(version))/model.safetensors"
        let elsewhere = fixture.folder.file("elsewhere")
        try FileManager.default.moveItem(atPath: path, toPath: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: elsewhere)
        #expect(errorCode { _ = try store.load(version) } == .io)
    }

    @Test("a manifest of a later format is refused as such")
    func manifestTooNew() throws {
        let store = try fixture.open(.publisher)
        let version = try store.publish(StoreFixture.draft(), who: "a")
        let path = "\(versionPath(version))/manifest.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let later = text.replacingOccurrences(
            of: "\"formatMajor\" : 1,",
            with: "\"formatMajor\" : 2,"
        )
        #expect(later != text)
        try later.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(errorCode { _ = try store.load(version) } == .corrupt)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.currentDirectoryURL = URL(fileURLWithPath: versionPath(version))
        process.arguments = ["-c", "sha256sum manifest.json > manifest.sha256"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(errorCode { _ = try store.load(version) } == .formatTooNew)
    }

    @Test("a store whose FORMAT is gone is not made anew over its versions")
    func formatGone() throws {
        do {
            let store = try fixture.open(.publisher)
            _ = try store.publish(StoreFixture.draft(), who: "a")
        }
        try FileManager.default.removeItem(atPath: "\(fixture.path)/FORMAT")
        for access in [ModelStore.Access.publisher, .reader] {
            let error = storeError { _ = try fixture.open(access) }
            #expect(error?.code == .corrupt && error?.path == "FORMAT", "\(access)")
            #expect(error?.remedy.contains("restore the file") == true)
        }
        // Without versions there is nothing to lose: a store that nobody published into.
        try FileManager.default.removeItem(atPath: "\(fixture.path)/versions")
        #expect(errorCode { _ = try fixture.open(.reader) } == .storeNotFound)
    }

    @Test("a store whose alias table is gone is refused, and its history stays")
    func aliasesGone() throws {
        let table = "\(fixture.path)/aliases.json"
        let history = "\(fixture.path)/history.jsonl"
        do {
            let store = try fixture.open(.publisher)
            let versions = try fixture.publish(2, into: store)
            _ = try store.setAlias("stable", to: versions[0], who: "a", why: "b")
        }
        let (whole, moves) = (try Data(contentsOf: url(table)), try Data(contentsOf: url(history)))
        try FileManager.default.removeItem(atPath: table)
        let reader = try fixture.open(.reader)
        let refused = [
            storeError { _ = try reader.aliases() },
            storeError { _ = try reader.history() },
            storeError {
                _ = try reader.setAlias("stable", to: #require(ModelVersion(2)), who: "", why: "")
            },
            storeError { _ = try fixture.open(.publisher) },
        ]
        for error in refused {
            #expect(error?.code == .corrupt && error?.path == "aliases.json")
            #expect(error?.problem.contains("generation 3") == true)
            #expect(error?.remedy.contains("backup") == true)
        }
        #expect(try Data(contentsOf: url(history)) == moves)
        try whole.write(to: url(table))
        #expect(try fixture.open(.publisher).version(of: "stable").number == 1)
    }

    @Test("a crash between the first line of the history and the first table leaves a new store")
    func crashBeforeFirstTable() throws {
        do {
            let store = try fixture.open(.publisher)
            _ = try fixture.publish(1, into: store)
        }
        try FileManager.default.removeItem(atPath: "\(fixture.path)/aliases.json")
        #expect(try fixture.open(.reader).aliases().generation == 0)
        let store = try fixture.open(.publisher)
        #expect(try store.version(of: "latest").number == 1)
        #expect(try store.history().map(\.action) == [.recovery])
    }

    @Test("a full disk is told apart, changes nothing, and what comes after it succeeds")
    func fullDisk() throws {
        let store = try fixture.open(.publisher)
        let versions = try fixture.publish(2, into: store)
        let table = try store.setAlias("stable", to: versions[0], who: "a", why: "b")
        let refused = StoreFaults.$isDiskFull.withValue(true) {
            [
                storeError { _ = try store.publish(StoreFixture.draft(3), who: "a") },
                storeError {
                    _ = try store.setAlias("stable", to: versions[1], who: "a", why: "b")
                },
            ]
        }
        for error in refused {
            #expect(error?.code == .outOfSpace)
            #expect(error?.problem.contains("No space left") == true)
            #expect(error?.remedy.contains("free disk space") == true)
        }
        #expect(try store.aliases() == table && store.history().count == 3)
        #expect(try store.versions().map(\.version) == versions)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(fixture.path)/tmp").isEmpty)
        #expect(try store.publish(StoreFixture.draft(3), who: "a").number == 3)
        _ = try store.setAlias("stable", to: versions[1], who: "a", why: "b")
        #expect(try store.history().count == 5)
    }

    @Test("an error's text names the store's folder, the problem and the remedy")
    func descriptions() throws {
        let store = try fixture.open(.publisher)
        let locked = storeError { _ = try fixture.open(.publisher) }
        #expect(locked?.code == .storeLocked)
        #expect(
            locked.map { "\($0)" } == "\(fixture.path)/LOCK: another process publishes into this "
                + "store; stop that process, or wait until it ends"
        )
        let other = try StoreFixture.shards(1)
        let wrong = storeError {
            _ = try ModelStore(at: fixture.path, shards: other, now: { 0 })
        }
        let text = wrong.map { "\($0)" } ?? ""
        #expect(wrong?.code == .wrongKey && text.hasPrefix("\(fixture.path)/FORMAT: "))
        #expect(text.contains(other.fingerprint) && text.contains(store.shards.fingerprint))
        #expect(text.contains("give the key file that this store was made with"))
    }

    private func url(_ path: String) -> URL { URL(fileURLWithPath: path) }

    private func truncate(_ path: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
    }
}
