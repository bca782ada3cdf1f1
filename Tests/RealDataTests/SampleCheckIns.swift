import DataFiles
import Events
import Foundation
import Messages
import TestSupport

/// The check-ins of examples/, split into people whom training knows and strangers.
enum SampleCheckIns {
    static let rows: [ImportRow] = {
        let path = FileManager.default.currentDirectoryPath + "/examples/nyc-checkins.csv.xz"
        var rows: [ImportRow] = []
        guard let reader = try? ImportReader(path: path, mapping: ColumnMapping()) else {
            return []
        }
        while let outcome = try? reader.next() {
            if case .row(let row) = outcome { rows.append(row) }
        }
        // A few are there twice: readers of the log count them once.
        var seen: Set<[String]> = []
        return rows.sorted { $0.event.instant < $1.event.instant }.filter { row in
            let time = "\(row.event.instant.millisecondsSinceEpoch)"
            return seen.insert([row.event.user, row.event.item, time]).inserted
        }
    }()

    /// Every fifth user.
    static let strangers = Set(
        Set(rows.map(\.event.user)).sorted().enumerated()
            .filter { $0.offset % 5 == 2 }.map(\.element)
    )

    static var known: [Wire.Event] {
        rows.map(\.event).filter { !strangers.contains($0.user) }.map { Wire.Event($0) }
    }

    static var items: [Wire.Item] {
        var seen: Set<String> = []
        return rows.compactMap(\.item).filter { seen.insert($0.id).inserted }.map { Wire.Item($0) }
    }
}

extension TestSystem {
    /// In batches as callers send them.
    func put(events: [Wire.Event]) async throws {
        for start in stride(from: 0, to: events.count, by: 5_000) {
            let batch = Array(events[start..<min(start + 5_000, events.count)])
            let reply = try await ingest.put(batch)
            guard reply.refused.isEmpty else { throw TestFailure("\(reply.refused[0])") }
        }
    }

    func put(items: [Wire.Item]) async throws {
        for start in stride(from: 0, to: items.count, by: 1_000) {
            let batch = Array(items[start..<min(start + 1_000, items.count)])
            let reply = try await ingest.put(items: batch)
            guard reply.refused.isEmpty else { throw TestFailure("\(reply.refused[0])") }
        }
    }

    /// Trains each family under an alias of its name, and waits until it is served.
    func trainFamilies(
        _ families: [String],
        settings: (String) -> [String: String]
    ) async throws -> [String: Wire.Run] {
        var runs: [String: Wire.Run] = [:]
        for family in families {
            let run = try await train(
                family: family,
                aliases: [family],
                threads: 2,
                settings: settings(family).sorted { $0.key < $1.key }
                    .map { Wire.Setting(name: $0.key, value: $0.value) }
            )
            guard run.state == .succeeded else { throw TestFailure("\(family): \(run.error)") }
            try await waitUntilServing(run.version, as: family)
            runs[family] = run
        }
        return runs
    }
}

/// What went wrong before anything could be claimed.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
