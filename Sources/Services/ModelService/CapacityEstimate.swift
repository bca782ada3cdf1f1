internal import ModelStorage
internal import Models

/// What a model server's tables take, in bytes, before there is a server.
///
/// The sizes are those of the types; what malloc adds is counted. Measured beside it by
/// `chronotope bench memory`.
package struct CapacityEstimate: Sendable {
    package var users: Int
    package var items: Int
    /// Of the embeddings.
    package var dimension: Int
    package var eventsPerUser: Int
    /// UTF-8 bytes of an id; Swift keeps up to 15 in place.
    package var idByteCount = 12
    /// Different actions, which are counted apart.
    package var actions = 1
    /// Versions served at once: two while one takes over.
    package var versions = 1

    package init(users: Int, items: Int, dimension: Int, eventsPerUser: Int) {
        self.users = users
        self.items = items
        self.dimension = dimension
        self.eventsPerUser = eventsPerUser
    }

    /// One table of the server.
    package struct Table: Sendable {
        package var name: String
        package var byteCount: Int
        /// Pages of a file, which the system can drop and read again.
        package var isMapped: Bool
    }

    package var tables: [Table] {
        [
            Table(name: "user_state", byteCount: stateByteCount, isMapped: false),
            Table(name: "user_last_events", byteCount: lastEventByteCount, isMapped: false),
            Table(name: "user_rows", byteCount: userRowByteCount, isMapped: true),
            Table(name: "item_catalogue", byteCount: catalogueByteCount, isMapped: false),
            Table(name: "item_statistics", byteCount: statisticsByteCount, isMapped: false),
            Table(name: "item_rows", byteCount: itemRowByteCount, isMapped: true),
            Table(name: "item_codes", byteCount: itemCodeByteCount, isMapped: false),
        ]
    }

    /// The program, its libraries, threads and pools, before any data.
    package static let baseByteCount = 60 << 20

    /// Memory that no file backs.
    package var residentByteCount: Int {
        tables.reduce(Self.baseByteCount) { $0 + ($1.isMapped ? 0 : $1.byteCount) }
    }

    package var mappedByteCount: Int {
        tables.reduce(0) { $0 + ($1.isMapped ? $1.byteCount : 0) }
    }

    // MARK: - Users

    /// An int8 row and its scale.
    package var rowByteCount: Int { dimension + 4 }

    /// Of one user, packed: see `PackedUser` and `PackedHistory`.
    private var packedByteCount: Int {
        let place = 16
        let head = 1 + place + Self.numberByteCount(eventsPerUser) + 6
        // Gaps of an hour to 24 days take three bytes.
        return head + eventsPerUser * (Self.numberByteCount(2 * max(1, items)) + 3)
    }

    package var stateByteCount: Int {
        let array = Self.allocated(32 + packedByteCount)
        return users * (array + heapIDByteCount) + Self.dictionary(users, slot: 16 + 8)
    }

    private var lastEventByteCount: Int {
        // The ids are shared with the version's list of them.
        versions * (users * (16 + heapIDByteCount) + Self.dictionary(users, slot: 16 + 24))
    }

    private var userRowByteCount: Int {
        versions * users * (4 * dimension + 24 * eventsPerUser + idByteCount + 16)
    }

    // MARK: - Items

    private var heapIDByteCount: Int {
        idByteCount <= 15 ? 0 : Self.allocated(32 + idByteCount)
    }

    private var catalogueByteCount: Int {
        // An entry of the live catalogue and its index, and the version's ids, places and cells.
        let live = items * (200 + 2 * heapIDByteCount) + Self.dictionary(items, slot: 16 + 4)
        let version =
            items * (16 + 32 + 8 + 16 + 16 + 8) + Self.orderedIndex(items)
        return live + versions * version
    }

    private var statisticsByteCount: Int {
        let columns = LiveStatistics.slotColumnCount + 2 + actions
        // Links: an array a row, of some twenty links of 8 bytes.
        return versions * items * (4 * columns + 4 + 8 + Self.allocated(32 + 20 * 8))
    }

    private var itemRowByteCount: Int {
        versions * items * (4 * dimension + 24 + idByteCount + 8)
    }

    /// Of the index that searches a large catalogue.
    private var itemCodeByteCount: Int {
        guard items >= ItemScan.minItemCount else { return 0 }
        return versions * items * ItemScan.byteCount(ofDimension: dimension)
    }

    // MARK: - Sizes

    /// Bytes of a LEB128 number.
    private static func numberByteCount(_ number: Int) -> Int {
        max(1, (Int.bitWidth - number.leadingZeroBitCount + 6) / 7)
    }

    /// What malloc takes for a block: 8 bytes more, in steps of 16, at least 32.
    private static func allocated(_ byteCount: Int) -> Int { max(32, (byteCount + 8 + 15) & ~15) }

    /// Of the index of an ordered set: a power of two of slots, at most three quarters taken, each of as
    /// many bits as number them.
    private static func orderedIndex(_ count: Int) -> Int {
        var scale = 5
        while 3 << scale < count << 2 { scale += 1 }
        return (scale << scale) / 8
    }

    /// Of a table spread over the shards: Swift's dictionaries hold a power of two of slots, of which
    /// at most three quarters are taken.
    private static func dictionary(_ count: Int, slot: Int) -> Int {
        let part = max(1, count / UserShards.count)
        var capacity = 2
        while capacity * 3 < part * 4 { capacity *= 2 }
        return UserShards.count * (capacity * slot + capacity / 8)
    }
}
