package import Events
internal import Models
package import Ranking
internal import Synchronization

/// Everything an answer needs beside the user: immutable, taken once per request, so that no
/// answer mixes two versions.
package final class ServingSnapshot: Sendable {
    package let catalogue: LiveCatalogue
    package let ladder: PopularityLadder
    /// Live action index → word.
    package let actions: [String]
    package let versions: [UInt64: ServingVersion]
    package let aliases: [String: UInt64]
    /// Why aliased versions could not be loaded.
    package let problems: [String]

    package init(
        catalogue: LiveCatalogue = LiveCatalogue(),
        ladder: PopularityLadder = PopularityLadder(),
        actions: [String] = [],
        versions: [UInt64: ServingVersion] = [:],
        aliases: [String: UInt64] = [:],
        problems: [String] = []
    ) {
        self.catalogue = catalogue
        self.ladder = ladder
        self.actions = actions
        self.versions = versions
        self.aliases = aliases
        self.problems = problems
    }

    /// Why an alias that should name a version names none.
    package var reasonWithoutVersion: String {
        problems.isEmpty ? "no version is published yet" : "the published version cannot be served"
    }

    /// The version behind an alias; nil where the alias names none that is loaded.
    package func version(alias: String) -> ServingVersion? {
        aliases[alias].flatMap { versions[$0] }
    }
}

/// How far the tail of the log has come.
package struct TailPosition: Sendable {
    /// The next offset to apply.
    package var appliedOffset: UInt64 = 0
    /// One past the newest record, as last heard from ingest.
    package var endOffset: UInt64 = 0
    /// When ingest last answered, by this server's clock; nil before the first answer.
    package var heardAt: Instant?
    /// When the newest applied record was appended, by ingest's clock.
    package var appliedAppendTime: Instant?

    package init() {}

    package var lagRecords: UInt64 { endOffset - min(appliedOffset, endOffset) }

    /// How old the state may be at `now`: since ingest was last heard, and while records wait,
    /// since the newest applied one was appended.
    package func stalenessMilliseconds(at now: Instant) -> Int64 {
        let since = lagRecords > 0 ? appliedAppendTime ?? heardAt : heardAt
        guard let since else { return 0 }
        return max(0, now.millisecondsSinceEpoch - since.millisecondsSinceEpoch)
    }
}

/// The guarded reference to the current snapshot: a lock for the length of one retain.
package final class CurrentSnapshot: Sendable {
    private let guarded = Mutex(ServingSnapshot())
    private let position = Mutex(TailPosition())

    package init() {}

    package var snapshot: ServingSnapshot { guarded.withLock { $0 } }

    package func publish(_ snapshot: ServingSnapshot) { guarded.withLock { $0 = snapshot } }

    /// Newer than the snapshot's own: user state moves with every event, snapshots at most a few
    /// times a second.
    package var tailPosition: TailPosition {
        get { position.withLock { $0 } }
        set { position.withLock { $0 = newValue } }
    }
}
