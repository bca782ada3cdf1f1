import Embeddings
import Events
import Models
import Testing

@Suite("live statistics")
struct LiveStatisticsTests {
    private let world = ChronotopeWorld(seed: 1, eventsPerUser: 1)

    private func entry(_ item: Int32, hour: Int64) -> UserHistory.Entry {
        UserHistory.Entry(item: item, instant: Instant(secondsSinceEpoch: hour * 3_600))
    }

    private func floats(_ name: String, _ statistics: LiveStatistics) -> [Float] {
        statistics.tensors.first { $0.name == "statistics.\(name)" }?.floats() ?? []
    }

    private var empty: LiveStatistics {
        LiveStatistics(catalogue: CatalogueIndex(world.table.catalogue))
    }

    @Test("a month-old event weighs half")
    func decay() {
        var statistics = empty
        statistics.record(entry(1, hour: 100), after: nil)
        statistics.record(entry(2, hour: 100 + 30 * 24), after: nil)
        let logs = floats("item_log2", statistics)
        #expect(abs(logs[2] - logs[1] - 1) < 1e-5)
        let totals = floats("totals", statistics)
        #expect(abs(totals[0] - 1.5849625) < 1e-5)  // log2(1 + 2)
        #expect(totals[1] == 2)
    }

    @Test("late events change the sums as punctual ones do")
    func lateEvents() {
        var (punctual, late) = (empty, empty)
        let events = [entry(1, hour: 10), entry(2, hour: 500), entry(1, hour: 900)]
        for event in events { punctual.record(event, after: nil) }
        for event in events.reversed() { late.record(event, after: nil) }
        let (first, second) = (floats("item_log2", punctual), floats("item_log2", late))
        #expect(abs((first[2] - first[1]) - (second[2] - second[1])) < 1e-4)
        #expect(floats("slot_items", punctual) == floats("slot_items", late))
    }

    @Test("each event is spread over six slots that sum to one")
    func slots() {
        var statistics = empty
        statistics.record(entry(7, hour: 0), after: nil)
        let slots = floats("slot_items", statistics)
        #expect(abs(slots.reduce(0, +) - 1) < 1e-6)
        #expect(slots.count { $0 > 0 } == 6)
        // 1970-01-01 was a Thursday: hour 0 of a working day, item 7.
        #expect(abs(slots[7] - 0.4) < 1e-6)
    }

    @Test("a transition needs two events within a day")
    func transitions() {
        var statistics = empty
        statistics.record(entry(4, hour: 24), after: entry(3, hour: 0))
        statistics.record(entry(5, hour: 49), after: entry(4, hour: 24))
        statistics.record(entry(6, hour: 10), after: entry(5, hour: 49))
        let targets = statistics.tensors.first { $0.name == "statistics.item_links.targets" }
        #expect(targets?.int32s() == [4])
    }

    @Test("a copy keeps its counts while the original goes on")
    func copies() {
        var statistics = world.statistics
        let copy = statistics
        let before = floats("slot_items", copy)
        statistics.record(entry(1, hour: 370_000), after: nil)
        #expect(floats("slot_items", copy) == before)
        #expect(floats("slot_items", statistics) != before)
    }

    @Test("items outside the catalogue, and statistics over none, count nothing and crash nothing")
    func unknownItems() {
        var statistics = world.statistics
        let before = floats("item_count", statistics)
        statistics.record(entry(10_000, hour: 1), after: nil)
        statistics.record(entry(-1, hour: 1), after: entry(1, hour: 0))
        #expect(floats("item_count", statistics) == before)
        var none = LiveStatistics()
        none.record(entry(0, hour: 1), after: nil)
        #expect(floats("totals", none)[1] == 0)
    }

    @Test("a full row of links forgets its weakest, never the newest")
    func boundedLinks() {
        var links = LinkRows(rowCount: 1)
        let count = Int32(LinkRows.maxLinksPerRow)
        for target in 0..<count { links.add(target == 17 ? 1 : 2, from: 0, to: target) }
        links.add(0.5, from: 0, to: count)
        #expect(links.rows[0].count == LinkRows.maxLinksPerRow)
        #expect(!links.rows[0].contains { $0.target == 17 })
        #expect(links.rows[0].last?.target == count)
    }
}
