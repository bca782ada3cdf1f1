package import Events

/// What is known of the items that patterns name.
package struct PatternItems: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// For people; empty where there is none.
        package var name: String
        /// Empty where unknown.
        package var category: String
        package var place: Place?

        package init(name: String = "", category: String = "", place: Place? = nil) {
            self.name = name
            self.category = category
            self.place = place
        }
    }

    private var entries: [String: Entry] = [:]

    package init() {}

    /// - Parameter names: of items, by id, for people.
    package init(_ catalogue: ItemTable, names: [String: String] = [:]) {
        entries.reserveCapacity(catalogue.items.count)
        for (index, id) in catalogue.items.ids.enumerated() {
            let category = catalogue.category[index]
            entries[id] = Entry(
                name: names[id] ?? "",
                category: category < 0 ? "" : catalogue.categories.ids[Int(category)],
                place: catalogue.place[index]
            )
        }
    }

    package subscript(id: String) -> Entry? {
        get { entries[id] }
        set { entries[id] = newValue }
    }

    /// Where the target is: of a cell its centre; nil for a category.
    package func place(of target: PatternTarget) -> Place? {
        switch target {
        case .item(let id): entries[id]?.place
        case .cell(let cell): cell.center
        case .category: nil
        }
    }

    /// The category itself, or the item's; nil where there is none.
    package func category(of target: PatternTarget) -> String? {
        switch target {
        case .item(let id): entries[id].flatMap { $0.category.isEmpty ? nil : $0.category }
        case .category(let word): word
        case .cell: nil
        }
    }
}
