/// One thing a user did: with what, when, where and in which context.
///
/// All fields are checked at the edge (`EventLimits`); nothing below checks again.
package struct Event: Hashable, Sendable {
    /// Unique where the producer sets it; empty otherwise.
    package var id: String
    package var user: String
    /// Empty for an event about no item, as a search.
    package var item: String
    /// `view`, `search`, `buy`, `like`, `checkin` or any word of the caller's.
    package var action: String
    package var instant: Instant
    /// Minutes east of Greenwich of the user's clock, −840...840.
    package var utcOffsetMinutes: Int
    package var place: Place?
    package var context: Context
    /// A rating, a quantity, a duration: what the action measures; nil where it measures nothing.
    package var value: Double?
    /// What a search asked for; empty otherwise.
    package var queryText: String

    package init(
        id: String = "",
        user: String,
        item: String,
        action: String,
        instant: Instant,
        utcOffsetMinutes: Int = 0,
        place: Place? = nil,
        context: Context = Context(),
        value: Double? = nil,
        queryText: String = ""
    ) {
        self.id = id
        self.user = user
        self.item = item
        self.action = action
        self.instant = instant
        self.utcOffsetMinutes = utcOffsetMinutes
        self.place = place
        self.context = context
        self.value = value
        self.queryText = queryText
    }
}

/// The circumstances of an event or a request, beside time and place. Empty strings mean unknown.
package struct Context: Hashable, Sendable {
    package var platform: String
    package var device: String
    package var session: String
    package var tags: [String]

    package init(
        platform: String = "",
        device: String = "",
        session: String = "",
        tags: [String] = []
    ) {
        self.platform = platform
        self.device = device
        self.session = session
        self.tags = tags
    }
}

/// A catalogue entry: what can be recommended.
package struct Item: Hashable, Sendable {
    package var id: String
    /// For people; empty where unknown, then the id is shown.
    package var name: String
    package var category: String
    package var place: Place?
    package var tags: [String]
    /// Hidden items are never recommended, in any path.
    package var isHidden: Bool
    /// What stands in for events where there are none; an entry without any leaves those that an
    /// earlier one gave.
    package var features: [FeatureVector]
    /// From then on no answer holds the item; nil: never.
    package var expiry: Instant?

    package init(
        id: String,
        name: String = "",
        category: String = "",
        place: Place? = nil,
        tags: [String] = [],
        isHidden: Bool = false,
        features: [FeatureVector] = [],
        expiry: Instant? = nil
    ) {
        self.id = id
        self.name = name
        self.category = category
        self.place = place
        self.tags = tags
        self.isHidden = isHidden
        self.features = features
        self.expiry = expiry
    }
}
