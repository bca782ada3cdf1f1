import Events
import Graphs
import Testing

@Suite("behaviour graph")
struct BehaviourGraphTests {
    private static let day: Int64 = 86_400
    /// Monday, 5 January 1970, 00:00 UTC.
    private static let monday: Int64 = 4 * day

    /// Two users, three items in two cells; action 0 is a visit, action 1 a dislike.
    private let table: EventTable

    init() throws {
        let berlin = try #require(Place(latitudeDegrees: 52.5, longitudeDegrees: 13.4))
        let paris = try #require(Place(latitudeDegrees: 48.9, longitudeDegrees: 2.35))
        func row(_ user: Int32, _ item: Int32, _ seconds: Int64, action: Int16 = 0) -> EventRow {
            EventRow(
                user: user,
                item: item,
                instant: Instant(secondsSinceEpoch: Self.monday + seconds),
                utcOffsetMinutes: 60,
                action: action
            )
        }
        table = EventTable(
            users: Vocabulary(["ann", "bob"]),
            catalogue: ItemTable(
                items: Vocabulary(["bar", "cafe", "zoo"]),
                categories: Vocabulary(["fun", "food"]),
                category: [0, 0, -1],
                place: [berlin, berlin, paris]
            ),
            actions: Vocabulary(["dislike", "visit"]),
            rows: [
                row(0, 1, 2 * 3_600), row(0, 0, 0), row(0, 1, 3 * 3_600), row(0, 2, 2 * Self.day),
                row(1, 0, 2 * Self.day, action: 1),
            ]
        )
    }

    @Test("weighs actions and halves them by age from the last event")
    func weights() {
        let graph = BehaviourGraph(
            table,
            settings: BehaviourGraph.Settings(actionWeights: [2, -1], halfLifeDays: [1])
        )
        #expect(abs(graph.userItem[0, 0] - 0.5) < 1e-6)  // 2 · 2⁻²
        #expect(graph.userItem[0, 2] == 2)
        #expect(graph.userItem[1, 0] == -1)
        #expect(graph.userItem[1, 1] == 0)
    }

    @Test("puts consecutive events into the layer of their gap, never an item after itself")
    func sequences() {
        let graph = BehaviourGraph(
            table,
            settings: BehaviourGraph.Settings(sequenceGapSeconds: [3 * 3_600, 2 * 86_400])
        )
        #expect(graph.sequences.map(\.nonZeroCount) == [1, 1])
        #expect(graph.sequences[0][0, 1] == 1)
        #expect(graph.sequences[1][1, 2] == 1)
    }

    @Test("joins items to local slots, cells and categories")
    func otherLayers() {
        let graph = BehaviourGraph(table)
        #expect(graph.itemSlot[0, 1] == 1)  // 01:00 local, an hour east of Greenwich
        #expect(graph.itemSlot[1, 3] == 1)
        #expect(graph.itemSlot[1, 4] == 1)
        #expect(graph.cellLayers.map(\.cells.count) == [2])
        #expect(graph.cellLayers[0].itemCell.columns[0] == graph.cellLayers[0].itemCell.columns[1])
        #expect(graph.itemCategory.rowOffsets == [0, 1, 2, 2])
    }

    @Test("counts nodes and edges by layer")
    func counts() {
        let graph = BehaviourGraph(
            table,
            settings: BehaviourGraph.Settings(sequenceGapSeconds: [3 * 3_600])
        )
        let counts = Dictionary(
            uniqueKeysWithValues: graph.layerCounts.map { ($0.layer, [$0.nodes, $0.edges]) }
        )
        #expect(
            counts == [
                "collaborative": [5, 4],  // two users, three items
                "sequence-10800s": [2, 1],
                "time": [7, 5],  // three items; slots 1, 3, 4 and one two days on, shared
                "place-13": [5, 3],
                "category": [3, 2],
            ]
        )
    }

    @Test("does not depend on the order in which events arrive")
    func orderFree() {
        let reversed = EventTable(
            users: table.users,
            catalogue: table.catalogue,
            actions: table.actions,
            rows: table.rows.reversed()
        )
        let (first, second) = (BehaviourGraph(table), BehaviourGraph(reversed))
        #expect(first.userItem == second.userItem)
        #expect(first.sequences == second.sequences)
    }
}
