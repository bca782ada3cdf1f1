import Messages
import RPC

/// Users and items of a server's log, for benchmarks that need real ones.
struct ServedSample {
    private static let pageRecordCount: UInt32 = 5_000

    private(set) var users: [String] = []
    private(set) var items: [String] = []
    /// Where each user's last event was, if it says so, and its clock.
    private(set) var places: [String: Wire.Place] = [:]
    private(set) var offsets: [String: Int32] = [:]
    /// Of the newest event that was read, in milliseconds since 1970.
    private(set) var newestMilliseconds: Int64 = 0

    /// Reads the whole log.
    init(from client: RPCClient) async throws {
        var request = Wire.ReadRequest(maxRecords: Self.pageRecordCount)
        var knownUsers: Set<String> = []
        var knownItems: Set<String> = []
        while true {
            let page = try await client.bench(Methods.ingestRead, request)
            guard !page.records.isEmpty else { break }
            for stored in page.records {
                let record = try Wire.LogRecord(decoding: stored.record)
                guard case .event(let event)? = record.kind else { continue }
                newestMilliseconds = max(newestMilliseconds, event.instantMs)
                if let place = event.place { places[event.user] = place }
                offsets[event.user] = event.utcOffsetMinutes
                if knownUsers.insert(event.user).inserted { users.append(event.user) }
                if !event.item.isEmpty, knownItems.insert(event.item).inserted {
                    items.append(event.item)
                }
            }
            request.offset = page.nextOffset
        }
        guard !users.isEmpty, !items.isEmpty else {
            throw ProgramFailure(
                status: .refused,
                problem: "the log holds no event about an item",
                remedy: "import some, train, and measure again"
            )
        }
    }
}
