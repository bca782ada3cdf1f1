internal import Cleaning
internal import Events
internal import Messages
internal import ModelStorage
internal import Models
internal import RPC
internal import Ranking

/// Follows the event log into live state: user histories at once, snapshots a few times a second.
///
/// The actor owns what changes. Requests never wait for it: they read `CurrentSnapshot` and
/// `LiveUsers`.
actor Tail {
    /// Counters and statistics may lag behind the log by this much; user histories do not.
    static let publishInterval = Duration.milliseconds(250)
    /// How long ingest may hold a read open while there is nothing new.
    static let readWait = Duration.seconds(2)
    static let recordsPerRead: UInt32 = 5_000
    static let retryPause = Duration.milliseconds(100)
    /// How many records before the end of its training a version's server looks back at for the last
    /// events of users whose shards it does not load: what their next event follows.
    static let lookback: UInt64 = 50_000

    private let ingest: RPCClient
    private let users: LiveUsers
    private let current: CurrentSnapshot
    private let now: @Sendable () -> Instant

    private var position = TailPosition()
    /// Where the log ended when it was first heard of: reading up to there is being caught up.
    private var firstEndOffset: UInt64?
    /// What training does to an event it is told of, this does to the same event.
    private let cleaning = CleaningFit()
    private var repeats = RepeatFilter()
    private var catalogue = LiveCatalogue()
    private var ladder = PopularityLadder()
    private var actions: [String] = []
    private var actionIndices: [String: Int16] = [:]
    private var tracked: [UInt64: TrackedVersion] = [:]
    private var aliases: [String: UInt64] = [:]
    private var problems: [String] = []
    private var lastPublish = ContinuousClock.now - publishInterval
    private var isUnpublished = false
    /// Whether what waits to be published hides or shows an item, which may not wait.
    private var isUrgent = false

    init(
        ingest: RPCClient,
        users: LiveUsers,
        current: CurrentSnapshot,
        now: @escaping @Sendable () -> Instant
    ) {
        self.ingest = ingest
        self.users = users
        self.current = current
        self.now = now
    }

    /// Whether the tail has read what the log held when it first answered, and answers show it.
    private(set) var isCaughtUp = false

    /// Reads and applies until cancelled. Ingest being away is no error: answers then say how
    /// stale they are.
    func run(onFailure: @Sendable (RPCError) -> Void) async {
        while !Task.isCancelled {
            do throws(RPCError) {
                // The first answer says where the log ends; while counters wait to be published, an
                // idle read must end in time for it.
                let wait =
                    position.heardAt == nil
                    ? .zero : isUnpublished ? Self.publishInterval : Self.readWait
                let reply = try await read(from: position.appliedOffset, wait: wait)
                apply(reply)
                let goal = firstEndOffset ?? position.endOffset
                firstEndOffset = goal
                if !isCaughtUp, position.appliedOffset >= goal {
                    publish()
                    isCaughtUp = true
                }
            } catch {
                if Task.isCancelled { break }
                onFailure(error)
                try? await Task.sleep(for: Self.retryPause)
            }
            publishIfDue()
        }
    }

    private func read(
        from offset: UInt64,
        wait: Duration
    ) async throws(RPCError) -> Wire.ReadReply {
        let waitMs = UInt32(wait / .milliseconds(1))
        let request = Wire.ReadRequest(
            offset: offset,
            maxRecords: Self.recordsPerRead,
            waitMs: waitMs
        )
        return try await ingest.call(
            Methods.ingestRead,
            request,
            timeout: wait + .seconds(3),
            isIdempotent: true
        )
    }

    private func apply(_ reply: Wire.ReadReply) {
        for record in reply.records where record.offset >= position.appliedOffset {
            apply(record)
            position.appliedOffset = record.offset + 1
            position.appliedAppendTime = Instant(millisecondsSinceEpoch: record.appendedMs)
        }
        position.appliedOffset = max(position.appliedOffset, reply.nextOffset)
        position.endOffset = max(reply.endOffset, position.appliedOffset)
        position.heardAt = now()
        // Once a read, not once a record: a snapshot that is taken costs the next change a copy.
        if isUrgent { publish() }
        current.tailPosition = position
    }

    private func apply(_ record: Wire.StoredRecord) {
        // What ingest accepted decodes; a record of a newer program may be of a kind unknown here.
        guard let kind = (try? Wire.LogRecord(decoding: record.record))?.kind else { return }
        switch kind {
        case .event(let wire):
            guard let event = try? Event(wire) else { return }
            apply(event, appliedAt: record.offset)
        case .item(let wire):
            guard let item = try? Item(wire) else { return }
            catalogue.update(cleaning.cleared(item))
            for number in trackedNumbers {
                tracked[number]?.apply(item, over: catalogue, at: record.offset)
            }
            isUnpublished = true
        case .hideItem(let hide):
            catalogue.hide(hide.item, isHidden: hide.isHidden)
            isUrgent = true
        case .user, .forget, .mergeUsers, .ledger:
            break
        }
    }

    private func apply(_ event: Event, appliedAt offset: UInt64) {
        guard !event.item.isEmpty, repeats.admits(event, at: offset) else { return }
        let event = cleaning.cleared(event)
        let item = catalogue.indexAdding(event.item)
        if let place = cleaning.placeOfItem(in: event) { catalogue.learnPlace(place, of: item) }
        let entry = UserHistory.Entry(
            item: item,
            action: actionIndex(of: event.action),
            utcOffsetMinutes: Int16(event.utcOffsetMinutes),
            instant: event.instant,
            value: Float(event.value ?? 1)
        )
        let place = event.place ?? catalogue[item].place
        guard users.record(entry, of: event.user, at: place) else {
            return repeats.markRepeat(at: offset)
        }
        ladder.record(
            item: item,
            instant: event.instant,
            slot: TimeSlot(event.instant, utcOffsetMinutes: event.utcOffsetMinutes),
            cell: place?.cell(level: Cell.neighbourhoodLevel)
        )
        for number in trackedNumbers { tracked[number]?.apply(event, at: offset) }
        isUnpublished = true
    }

    private func actionIndex(of action: String) -> Int16 {
        if let known = actionIndices[action] { return known }
        // 32,767 different words: beyond any vocabulary of actions; further ones share the last.
        guard actions.count < Int(Int16.max) else { return Int16.max - 1 }
        actions.append(action)
        actionIndices[action] = Int16(actions.count - 1)
        return Int16(actions.count - 1)
    }

    // MARK: - Versions

    /// Takes a version in: brings its statistics up to the tail. It answers for no alias yet.
    func adopt(_ version: ServableVersion) async throws(RPCError) {
        let ownsAll = users.ownedShards.count == UserShards.count
        var candidate = TrackedVersion(version, lookback: ownsAll ? 0 : Self.lookback)
        while candidate.offset < position.appliedOffset {
            let reply = try await read(from: candidate.offset, wait: .zero)
            for record in reply.records
            where record.offset < position.appliedOffset && !repeats.isRepeat(at: record.offset) {
                candidate.apply(record, over: catalogue)
            }
            candidate.offset = min(max(reply.nextOffset, candidate.offset), position.appliedOffset)
        }
        tracked[version.number] = candidate
        publish()
    }

    /// Keeps what is served and replaces what Status says is wrong.
    func report(problems: [String]) {
        guard problems != self.problems else { return }
        self.problems = problems
        publish()
    }

    /// Serves exactly the versions that `aliases` name; the others go with their last request.
    func serve(aliases: [String: UInt64]) {
        self.aliases = aliases
        let named = Set(aliases.values)
        tracked = tracked.filter { named.contains($0.key) }
        publish()
    }

    var servedVersions: Set<UInt64> { Set(tracked.keys) }

    /// A list of its own: a loop over `tracked.keys` holds all of `tracked`, and a change within would copy
    /// a version's statistics whole.
    private var trackedNumbers: [UInt64] { Array(tracked.keys) }

    private func publishIfDue() {
        guard isUnpublished, ContinuousClock.now - lastPublish >= Self.publishInterval else {
            return
        }
        publish()
    }

    private func publish() {
        for number in trackedNumbers { tracked[number]?.map(onto: &catalogue) }
        current.publish(
            ServingSnapshot(
                catalogue: catalogue,
                ladder: ladder,
                actions: actions,
                versions: tracked.mapValues(\.serving),
                aliases: aliases,
                problems: problems
            )
        )
        lastPublish = ContinuousClock.now
        isUnpublished = false
        isUrgent = false
    }
}

/// A version whose statistics follow the log from the end of its training on.
struct TrackedVersion {
    private(set) var serving: ServingVersion
    /// The next log offset to apply.
    var offset: UInt64
    /// Each user's last event over the version's item indices, as far as the log was read; the version
    /// knows those before it, of the shards that it was loaded with.
    private var lastEntries: [String: UserHistory.Entry] = [:]

    /// - Parameter lookback: how many records before the end of the training to read again.
    init(_ loaded: ServableVersion, lookback: UInt64) {
        serving = ServingVersion(
            loaded: loaded,
            statistics: loaded.model.trainedStatistics,
            itemByLive: [],
            liveByItem: []
        )
        offset = loaded.dataEndOffset - min(lookback, loaded.dataEndOffset)
    }

    /// - Parameter catalogue: has taken in at least what the log holds up to the record.
    mutating func apply(_ record: Wire.StoredRecord, over catalogue: LiveCatalogue) {
        switch (try? Wire.LogRecord(decoding: record.record))?.kind {
        case .event(let wire):
            if let event = try? Event(wire) { apply(event, at: record.offset) }
        case .item(let wire):
            if let item = try? Item(wire) { apply(item, over: catalogue, at: record.offset) }
        default: break
        }
    }

    /// Places an item that the version was not trained on by its features, where it has some.
    mutating func apply(_ item: Item, over catalogue: LiveCatalogue, at offset: UInt64) {
        guard offset >= self.offset else { return }
        self.offset = offset + 1
        let loaded = serving.loaded
        guard
            loaded.model.catalogue.items.index(of: item.id) == nil,
            let live = catalogue.index(of: item.id),
            let embedding = loaded.projection?.embedding(of: item.features)
                ?? serving.untrained.item(ofLive: live)?.embedding
        else { return }
        // The catalogue knows what earlier entries said, as the place.
        let entry = catalogue[live]
        serving.untrained.put(
            UntrainedItem(
                category: entry.category,
                place: entry.place,
                embedding: embedding,
                in: loaded.model
            ),
            ofLive: live
        )
    }

    /// Counts one event; one that training has seen is only remembered as its user's last.
    mutating func apply(_ event: Event, at offset: UInt64) {
        guard offset >= self.offset else { return }
        self.offset = offset + 1
        let model = serving.loaded.model
        guard let item = model.catalogue.items.index(of: event.item) else { return }
        let entry = UserHistory.Entry(
            item: item,
            action: model.actions.index(of: event.action).map(Int16.init) ?? -1,
            utcOffsetMinutes: Int16(event.utcOffsetMinutes),
            instant: event.instant,
            value: Float(event.value ?? 1)
        )
        let previous = lastEntries[event.user] ?? serving.loaded.lastEntry(of: event.user)
        if offset >= serving.loaded.dataEndOffset {
            serving.statistics.record(entry, after: previous)
        }
        if previous.map({ $0.instant <= entry.instant }) ?? true {
            lastEntries[event.user] = entry
        }
    }

    /// Brings the maps between live and trained item indices up to the catalogue.
    mutating func map(onto catalogue: inout LiveCatalogue) {
        let items = serving.loaded.model.catalogue.items
        if serving.liveByItem.isEmpty {
            serving.liveByItem = items.ids.map { catalogue.indexAdding($0) }
        }
        for live in serving.itemByLive.count..<max(catalogue.count, serving.itemByLive.count) {
            serving.itemByLive.append(items.index(of: catalogue[Int32(live)].id) ?? -1)
        }
    }
}
