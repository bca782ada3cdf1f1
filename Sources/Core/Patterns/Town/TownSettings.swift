/// How large a synthetic town is, and what is planted in it.
package struct TownSettings: Hashable, Sendable {
    package var seed: UInt64
    package var userCount: Int
    package var weekCount: Int
    /// The mean of what a user does without any pattern.
    package var eventsPerUserWeek: Double
    /// Each an S2 cell at `Cell.neighbourhoodLevel`.
    package var neighbourhoodCount: Int
    /// Of each of the categories in each neighbourhood.
    package var itemsPerCategory: Int
    package var categoryAssociationCount: Int
    package var itemAssociationCount: Int
    package var transitionCount: Int
    /// Cells that everyone goes to at certain hours.
    package var townRoutineCount: Int
    /// The same for the people of one part of the town.
    package var segmentRoutineCount: Int
    package var personalRoutineCount: Int
    /// Personal routines that are broken off, and strange events, as many of each.
    package var deviationCount: Int
    /// How likely a planted pattern acts where it can, in 0...1.
    package var strength: Double

    package init(
        seed: UInt64 = 1,
        userCount: Int = 1_000,
        weekCount: Int = 26,
        eventsPerUserWeek: Double = 5,
        neighbourhoodCount: Int = 16,
        itemsPerCategory: Int = 3,
        categoryAssociationCount: Int = 16,
        itemAssociationCount: Int = 8,
        transitionCount: Int = 10,
        townRoutineCount: Int = 4,
        segmentRoutineCount: Int = 4,
        personalRoutineCount: Int = 30,
        deviationCount: Int = 10,
        strength: Double = 0.35
    ) {
        self.seed = seed
        self.userCount = userCount
        self.weekCount = weekCount
        self.eventsPerUserWeek = eventsPerUserWeek
        self.neighbourhoodCount = neighbourhoodCount
        self.itemsPerCategory = itemsPerCategory
        self.categoryAssociationCount = categoryAssociationCount
        self.itemAssociationCount = itemAssociationCount
        self.transitionCount = transitionCount
        self.townRoutineCount = townRoutineCount
        self.segmentRoutineCount = segmentRoutineCount
        self.personalRoutineCount = personalRoutineCount
        self.deviationCount = deviationCount
        self.strength = strength
    }

    /// A town with nothing planted: all that is found in it is false.
    package var withoutPatterns: TownSettings {
        var settings = self
        settings.categoryAssociationCount = 0
        settings.itemAssociationCount = 0
        settings.transitionCount = 0
        settings.townRoutineCount = 0
        settings.segmentRoutineCount = 0
        settings.personalRoutineCount = 0
        settings.deviationCount = 0
        return settings
    }

    /// A town of about `eventCount` events: more people, and more places for them.
    package static func sized(eventCount: Int, seed: UInt64 = 1) -> TownSettings {
        var settings = TownSettings(seed: seed)
        let perUser = settings.eventsPerUserWeek * Double(settings.weekCount) * 1.3
        settings.userCount = max(50, Int(Double(eventCount) / perUser))
        settings.neighbourhoodCount = min(400, max(4, settings.userCount / 60))
        return settings
    }
}

/// What a town's events were made to show.
package struct TownTruth: Sendable {
    /// A pattern that was put into the town.
    package struct Planted: Hashable, Sendable {
        package var kind: PatternKind
        package var antecedent: PatternAntecedent
        package var consequent: PatternTarget
        /// The probability that it acts where its antecedent holds; of routines, each day.
        package var strength: Double
    }

    /// Something a user would not do, or did not.
    package struct Deviation: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// The routine `planted[index]` did not happen.
            case missedRoutine(Int)
            /// An event at night in a part of the town where the user never is.
            case strangeEvent(row: Int)
        }
        package var user: String
        /// In milliseconds since 1970: when it happened, or should have.
        package var instantMilliseconds: Int64
        package var kind: Kind
    }

    package var planted: [Planted]
    /// By user, then time.
    package var deviations: [Deviation]
    /// For each row of the table: the index into `planted` of what caused it, −1 for nothing, −2
    /// for a strange event.
    package var causes: [Int16]
}
