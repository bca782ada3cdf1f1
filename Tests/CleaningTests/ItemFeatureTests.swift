import Cleaning
import Events
import Testing

@Suite("feature vectors in cleaning")
struct ItemFeatureTests {
    private let text = FeatureVector(name: "text", values: [1, 2])
    private let image = FeatureVector(name: "image", values: [3])

    private func features(_ items: [Item]) -> [String: [FeatureVector]] {
        let events = [CleaningSupport.event(0, item: "a"), CleaningSupport.event(9, item: "b")]
        let catalogue = Cleaner.clean(events, items: items).table.catalogue
        return Dictionary(uniqueKeysWithValues: zip(catalogue.items.ids, catalogue.features))
    }

    @Test("they come with their items, cold ones too; without any the table has none")
    func table() {
        let found = features([Item(id: "b", features: [text]), Item(id: "cold", features: [image])])
        #expect(found == ["a": [], "b": [text], "cold": [image]])
        #expect(features([Item(id: "b"), Item(id: "cold")]).isEmpty)
    }

    @Test("a later entry with vectors replaces them all, one without leaves them")
    func later() {
        let entries = [Item(id: "a", features: [text, image]), Item(id: "a", name: "Café")]
        #expect(features(entries)["a"] == [text, image])
        #expect(features(entries + [Item(id: "a", features: [image])])["a"] == [image])
    }

    @Test("an entry with a broken vector is left out whole, and counted")
    func broken() {
        let bad = Item(id: "a", features: [FeatureVector(name: "text", values: [.nan])])
        let cleaned = Cleaner.clean([CleaningSupport.event(0, item: "a")], items: [bad])
        #expect(cleaned.ledger.counts["invalid-item.dropped"] == 1)
        #expect(cleaned.table.catalogue.features.isEmpty)
    }
}
