/// Events as dense rows over vocabularies: what graphs, models and evaluation read.
///
/// Rows are in canonical order: by instant, then user index, then arrival. The order of the events
/// that a table was made of therefore never shows in a trained model.
package struct EventTable: Sendable {
    package var users: Vocabulary
    package var catalogue: ItemTable
    package var actions: Vocabulary
    package var rows: [EventRow]

    package init(users: Vocabulary, catalogue: ItemTable, actions: Vocabulary, rows: [EventRow]) {
        self.users = users
        self.catalogue = catalogue
        self.actions = actions
        self.rows = Self.isInOrder(rows) ? rows : Self.ordered(rows)
    }

    private static func isInOrder(_ rows: [EventRow]) -> Bool {
        rows.indices.dropFirst().allSatisfy { index in
            let (one, other) = (rows[index - 1], rows[index])
            return (one.instant, one.user) <= (other.instant, other.user)
        }
    }

    private static func ordered(_ rows: [EventRow]) -> [EventRow] {
        rows.enumerated().sorted { left, right in
            let leftKey = (left.element.instant, left.element.user, left.offset)
            return leftKey < (right.element.instant, right.element.user, right.offset)
        }.map(\.element)
    }
}

/// One event about an item, in 40 bytes.
package struct EventRow: Hashable, Sendable {
    /// Index into the table's users.
    package var user: Int32
    /// Index into the table's items.
    package var item: Int32
    package var instant: Instant
    package var utcOffsetMinutes: Int16
    /// Index into the table's actions.
    package var action: Int16
    /// Trajectory or session number where the source has one, −1 otherwise.
    package var session: Int32
    /// 1 where the event carries no value.
    package var value: Float

    package init(
        user: Int32,
        item: Int32,
        instant: Instant,
        utcOffsetMinutes: Int16 = 0,
        action: Int16 = 0,
        session: Int32 = -1,
        value: Float = 1
    ) {
        self.user = user
        self.item = item
        self.instant = instant
        self.utcOffsetMinutes = utcOffsetMinutes
        self.action = action
        self.session = session
        self.value = value
    }
}

/// The item columns that models read, one entry an item of the vocabulary.
package struct ItemTable: Sendable {
    package var items: Vocabulary
    package var categories: Vocabulary
    /// Index into `categories`, −1 where unknown; count = items.count.
    package var category: [Int32]
    /// nil where unknown; count = items.count.
    package var place: [Place?]
    /// What each item has; empty altogether where none has any, and in a model's own catalogue.
    package var features: [[FeatureVector]]

    package init(
        items: Vocabulary,
        categories: Vocabulary,
        category: [Int32],
        place: [Place?],
        features: [[FeatureVector]] = []
    ) {
        precondition(category.count == items.count, "\(category.count) categories")
        precondition(place.count == items.count, "\(place.count) places")
        precondition([0, items.count].contains(features.count), "\(features.count) features")
        self.items = items
        self.categories = categories
        self.category = category
        self.place = place
        self.features = features
    }
}
