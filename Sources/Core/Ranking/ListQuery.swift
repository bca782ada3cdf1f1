package import Events

/// A list call after all checks: k in range, coordinates finite, strings within bounds.
package struct ListQuery: Sendable {
    /// Whom to answer for; empty where the call needs no user.
    package var user: String
    /// The seed item of SimilarItems; empty elsewhere.
    package var item: String
    /// In 1...1,000.
    package var k: Int
    /// When to recommend for; nil stands for the server's now.
    package var at: AskedTime?
    /// Where the user is; nil stands for where the user was last.
    package var place: Place?
    package var context: Context
    package var filter: Filter
    /// A version alias, never empty.
    package var alias: String
    package var explain: ExplainLevel
    /// Used for this answer only, oldest first.
    package var sessionEvents: [Event]
    package var switchedOffParts: Set<String>
    /// Trending counts this far back, in seconds.
    package var windowSeconds: Int

    package enum ExplainLevel: Int, Comparable, Sendable {
        case none, parts, evidence
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// The moment a recommendation is for.
    package struct AskedTime: Hashable, Sendable {
        package var instant: Instant
        package var utcOffsetMinutes: Int
        /// Recommend for whatever comes next; the instant must not be used.
        package var isHidden: Bool

        package init(instant: Instant, utcOffsetMinutes: Int, isHidden: Bool) {
            self.instant = instant
            self.utcOffsetMinutes = utcOffsetMinutes
            self.isHidden = isHidden
        }
    }

    package static let defaultAlias = "stable"
    package static let defaultWindowSeconds = 7 * 86_400

    package init(
        user: String = "",
        item: String = "",
        k: Int = 10,
        at: AskedTime? = nil,
        place: Place? = nil,
        context: Context = Context(),
        filter: Filter = Filter(),
        alias: String = defaultAlias,
        explain: ExplainLevel = .none,
        sessionEvents: [Event] = [],
        switchedOffParts: Set<String> = [],
        windowSeconds: Int = defaultWindowSeconds
    ) {
        self.user = user
        self.item = item
        self.k = k
        self.at = at
        self.place = place
        self.context = context
        self.filter = filter
        self.alias = alias
        self.explain = explain
        self.sessionEvents = sessionEvents
        self.switchedOffParts = switchedOffParts
        self.windowSeconds = windowSeconds
    }
}

/// Which items may be answered; empty fields do not restrict.
package struct Filter: Hashable, Sendable {
    package var categories: Set<String>
    /// An item must carry all of these.
    package var tags: Set<String>
    package var within: Radius?
    /// Corners in order; empty or at least three. Edges are straight in degrees, which holds for
    /// areas of a city or a county away from the poles and the date line.
    package var polygon: [Place]
    /// Item ids.
    package var excluded: Set<String>
    /// Whether items the user touched may be answered.
    package var includesSeen: Bool

    package struct Radius: Hashable, Sendable {
        package var center: Place
        package var meters: Double

        package init(center: Place, meters: Double) {
            self.center = center
            self.meters = meters
        }
    }

    package init(
        categories: Set<String> = [],
        tags: Set<String> = [],
        within: Radius? = nil,
        polygon: [Place] = [],
        excluded: Set<String> = [],
        includesSeen: Bool = false
    ) {
        self.categories = categories
        self.tags = tags
        self.within = within
        self.polygon = polygon
        self.excluded = excluded
        self.includesSeen = includesSeen
    }

    /// Whether any rule looks at the item's own attributes.
    var readsAttributes: Bool {
        !categories.isEmpty || !tags.isEmpty || within != nil || !polygon.isEmpty
    }
}
