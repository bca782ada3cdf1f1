import Events
import Ranking
import Testing

@Suite("item filter")
struct ItemFilterTests {
    /// Places by latitude on one meridian, 0.01° ≈ 1.1 km apart.
    private static func place(_ latitude: Double, _ longitude: Double = 10) throws -> Place {
        try #require(Place(latitudeDegrees: latitude, longitudeDegrees: longitude))
    }

    private static let now = Instant(millisecondsSinceEpoch: 1_360_000_000_000)

    private static func catalogue() throws -> LiveCatalogue {
        var catalogue = LiveCatalogue()
        catalogue.update(
            Item(id: "a", category: "cafe", place: try place(50), tags: ["wifi", "garden"])
        )
        catalogue.update(Item(id: "b", category: "bar", place: try place(50.01), tags: ["wifi"]))
        catalogue.update(Item(id: "c", category: "cafe"))
        catalogue.update(Item(id: "d", category: "cafe", place: try place(50.5)))
        catalogue.hide("d", isHidden: true)
        return catalogue
    }

    private func eligible(_ filter: Filter, seen: Set<Int32> = []) throws -> [String] {
        let catalogue = try Self.catalogue()
        let mask = ItemFilter(filter, seen: seen, at: Self.now, catalogue: catalogue).mask(
            over: catalogue
        )
        return (0..<Int32(catalogue.count)).filter { mask[$0] }.map { catalogue[$0].id }
    }

    private func reason(
        _ id: String,
        _ filter: Filter,
        seen: Set<Int32> = []
    ) throws -> ItemFilter.Exclusion? {
        let catalogue = try Self.catalogue()
        let index = try #require(catalogue.index(of: id))
        return ItemFilter(filter, seen: seen, at: Self.now, catalogue: catalogue).exclusion(
            of: index,
            in: catalogue
        )
    }

    @Test("lets through everything but hidden items when nothing is asked")
    func open() throws {
        #expect(try eligible(Filter()) == ["a", "b", "c"])
        #expect(try reason("d", Filter()) == .hidden)
        #expect(try reason("a", Filter()) == nil)
    }

    @Test("leaves an item out from its expiry on, and takes it back with a later one")
    func expiry() throws {
        var catalogue = try Self.catalogue()
        func excluded(at instant: Instant) -> ItemFilter.Exclusion? {
            let filter = ItemFilter(Filter(), seen: [], at: instant, catalogue: catalogue)
            let exclusion = filter.exclusion(of: 0, in: catalogue)
            #expect(filter.mask(over: catalogue)[0] == (exclusion == nil))
            return exclusion
        }
        let before = Instant(millisecondsSinceEpoch: Self.now.millisecondsSinceEpoch - 1)
        catalogue.update(Item(id: "a", expiry: Self.now))
        #expect(excluded(at: Self.now) == .expired)
        #expect(excluded(at: before) == nil)
        catalogue.update(Item(id: "a"))
        #expect(excluded(at: Self.now) == nil)
    }

    @Test("leaves seen items out unless they are asked for")
    func seen() throws {
        #expect(try eligible(Filter(), seen: [0, 2]) == ["b"])
        #expect(try eligible(Filter(includesSeen: true), seen: [0, 2]) == ["a", "b", "c"])
        #expect(try reason("a", Filter(), seen: [0]) == .seen)
    }

    @Test("passes over seen items that are newer than the catalogue")
    func newerSeen() throws {
        #expect(try eligible(Filter(), seen: [4, 64, 1_000_000]) == ["a", "b", "c"])
    }

    @Test("leaves out the exclude list; ids that nobody knows exclude nothing")
    func excluded() throws {
        #expect(try eligible(Filter(excluded: ["b", "nobody"])) == ["a", "c"])
        #expect(try reason("b", Filter(excluded: ["b"])) == .listed)
    }

    @Test("asks for one of the categories and all of the tags")
    func attributes() throws {
        #expect(try eligible(Filter(categories: ["cafe", "museum"])) == ["a", "c"])
        #expect(try eligible(Filter(tags: ["wifi"])) == ["a", "b"])
        #expect(try eligible(Filter(tags: ["wifi", "garden"])) == ["a"])
        #expect(try reason("b", Filter(categories: ["cafe"])) == .category)
        #expect(try reason("b", Filter(tags: ["garden"])) == .tags)
    }

    @Test("measures the radius in metres and leaves out items without a place")
    func radius() throws {
        let center = try Self.place(50)
        let near = Filter(within: Filter.Radius(center: center, meters: 1_000))
        let wide = Filter(within: Filter.Radius(center: center, meters: 1_200))
        #expect(try eligible(near) == ["a"])
        #expect(try eligible(wide) == ["a", "b"])
        #expect(try reason("b", near) == .tooFar)
        #expect(try reason("c", near) == .placeUnknown)
    }

    @Test("knows inside from outside of a polygon that is not convex")
    func polygon() throws {
        // A U open to the north: (50, 10) lies in the west arm, (50.01, 10) in it too; the gap is
        // between longitudes 10.01 and 10.02.
        let corners = try [
            Self.place(49.98, 9.99), Self.place(49.98, 10.03), Self.place(50.02, 10.03),
            Self.place(50.02, 10.02), Self.place(49.99, 10.02), Self.place(49.99, 10.01),
            Self.place(50.02, 10.01), Self.place(50.02, 9.99),
        ]
        #expect(try eligible(Filter(polygon: corners)) == ["a", "b"])
        let shifted = try corners.map {
            try Self.place($0.latitudeDegrees, $0.longitudeDegrees - 0.015)
        }
        #expect(try eligible(Filter(polygon: shifted)).isEmpty)
        #expect(try reason("a", Filter(polygon: shifted)) == .outsidePolygon)
    }

    @Test("excludes exactly what the mask leaves out", arguments: 0..<40)
    func agreement(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let words = ["x", "y", "z"]
        var catalogue = LiveCatalogue()
        for number in 0..<130 {
            let latitude = Double.random(in: -1...1, using: &random)
            catalogue.update(
                Item(
                    id: "\(number)",
                    category: words.randomElement(using: &random) ?? "",
                    place: number % 5 == 0 ? nil : try Self.place(latitude, 0),
                    tags: words.filter { _ in Bool.random(using: &random) },
                    isHidden: number % 11 == 0
                )
            )
        }
        let corners = try [Self.place(-0.5, -1), Self.place(0.7, -1), Self.place(0.1, 1)]
        let filter = Filter(
            categories: Bool.random(using: &random) ? ["x", "y"] : [],
            tags: Bool.random(using: &random) ? ["z"] : [],
            within: Bool.random(using: &random)
                ? Filter.Radius(center: try Self.place(0, 0), meters: 60_000) : nil,
            polygon: Bool.random(using: &random) ? corners : [],
            excluded: ["1", "2", "64"],
            includesSeen: Bool.random(using: &random)
        )
        let itemFilter = ItemFilter(
            filter,
            seen: [3, 63, 65, 129],
            at: Self.now,
            catalogue: catalogue
        )
        let mask = itemFilter.mask(over: catalogue)
        for index in 0..<Int32(catalogue.count) {
            let reason = itemFilter.exclusion(of: index, in: catalogue)
            #expect(mask[index] == (reason == nil), "seed \(seed), item \(index): \(reason as Any)")
        }
    }

    @Test(
        "looks among the items of near cells and of categories, and finds them all",
        arguments: 0..<20
    )
    func findsAll(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var catalogue = LiveCatalogue()
        // Later entries move earlier items to other places and categories, or take a category away.
        for _ in 0..<2_000 {
            let place = Place(
                latitudeDegrees: Double.random(in: 52.2...52.6, using: &generator),
                longitudeDegrees: Double.random(in: 13.1...13.7, using: &generator)
            )
            let id = "i\(Int.random(in: 0..<1_200, using: &generator))"
            let category = ["", "cafe", "bar", "park"].randomElement(using: &generator) ?? ""
            if Int.random(in: 0..<9, using: &generator) == 0, let place {
                catalogue.learnPlace(place, of: catalogue.indexAdding(id))
            } else {
                let isPlaced = Int.random(in: 0..<5, using: &generator) > 0
                catalogue.update(Item(id: id, category: category, place: isPlaced ? place : nil))
            }
        }
        let center = try Self.place(52.4, 13.4)
        let radii = [0, 300, 1_500, 5_000, 40_000].map { Filter.Radius(center: center, meters: $0) }
        for within in radii.map(Optional.some) + [nil] {
            for categories: Set<String> in [[], ["cafe"], ["bar", "park", "zoo"], [""]] {
                let filter = ItemFilter(
                    Filter(categories: categories, within: within),
                    seen: [3, 5],
                    at: Self.now,
                    catalogue: catalogue
                )
                let mask = filter.mask(over: catalogue)
                for item in 0..<Int32(catalogue.count) {
                    let isLeftOut = filter.exclusion(of: item, in: catalogue) != nil
                    #expect(mask[item] != isLeftOut, "\(categories), \(within as Any), \(item)")
                }
            }
        }
    }
}

@Suite("item mask")
struct ItemMaskTests {
    @Test("counts its bits whatever the length", arguments: [0, 1, 63, 64, 65, 128, 1_000])
    func population(count: Int) {
        let full = ItemMask(repeating: true, count: count)
        #expect(full.population == count)
        #expect(full.words.count == (count + 63) / 64)
        #expect(ItemMask(repeating: false, count: count).population == 0)
        var grown = ItemMask()
        for _ in 0..<count { grown.append(true) }
        #expect(grown == full)
    }

    @Test("sets and clears single bits, across words")
    func bits() {
        var mask = ItemMask(repeating: false, count: 130)
        for index in [Int32(0), 63, 64, 129] { mask[index] = true }
        #expect((0..<Int32(130)).filter { mask[$0] } == [0, 63, 64, 129])
        mask[64] = false
        #expect(!mask[64] && mask[63])
        #expect(mask.population == 3)
    }
}

/// SplitMix64: the same numbers for the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
