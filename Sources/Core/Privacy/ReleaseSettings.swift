internal import Events

/// What a release counts, and what hides the people in it.
package struct ReleaseSettings: Hashable, Sendable {
    /// Differential privacy of one user: the sum of what all of a user's events may change.
    package struct Noise: Hashable, Sendable {
        /// For both counts together.
        package var cost: PrivacyCost
        /// In how many cells × slots a user counts at most, chosen at random: 1...1,000.
        package var maximumKeysPerUser: Int
        /// How many events of a user count in one of them at most: 1...1,000.
        package var maximumEventsPerKey: Int

        package init(
            cost: PrivacyCost,
            maximumKeysPerUser: Int = 4,
            maximumEventsPerKey: Int = 2
        ) {
            self.cost = cost
            self.maximumKeysPerUser = maximumKeysPerUser
            self.maximumEventsPerKey = maximumEventsPerKey
        }
    }

    /// Fewer distinct users are never released.
    package static let defaultFloor = 20

    package var floor: Int
    /// S2 level of the cells, 0...20: a cell of level 13 is about 1.1 km across.
    package var cellLevel: Int
    /// Hours of the week that one slot holds; divides 168.
    package var hoursPerSlot: Int
    package var byCategory: Bool
    /// nil: the floor alone.
    package var noise: Noise?

    package init(
        floor: Int = Self.defaultFloor,
        cellLevel: Int = 13,
        hoursPerSlot: Int = 1,
        byCategory: Bool = false,
        noise: Noise? = nil
    ) {
        self.floor = floor
        self.cellLevel = cellLevel
        self.hoursPerSlot = hoursPerSlot
        self.byCategory = byCategory
        self.noise = noise
    }

    /// Finer cells are smaller than the error of a phone's position.
    package static let cellLevels = 0...20
    /// A release without noise of groups of one is no release.
    package static let floors = 2...1_000_000
    package static let bounds = 1...1_000

    package func check() throws(ReleaseError) {
        try Self.require(floor, in: Self.floors, "floor", "20 is the usual floor")
        try Self.require(cellLevel, in: Self.cellLevels, "cell-level", "13 is about 1.1 km")
        guard hoursPerSlot >= 1, TimeSlot.count.isMultiple(of: hoursPerSlot) else {
            throw ReleaseError(
                place: "hours-per-slot",
                problem: "\(hoursPerSlot) hours do not divide a week",
                remedy: "choose 1, 2, 3, 4, 6, 8, 12, 24 or 168"
            )
        }
        guard let noise else { return }
        try Self.require(
            noise.maximumKeysPerUser,
            in: Self.bounds,
            "max-keys-per-user",
            "4 keeps the noise small"
        )
        try Self.require(
            noise.maximumEventsPerKey,
            in: Self.bounds,
            "max-events-per-key",
            "2 keeps the noise small"
        )
    }

    private static func require(
        _ value: Int,
        in range: ClosedRange<Int>,
        _ place: String,
        _ remedy: String
    ) throws(ReleaseError) {
        guard range.contains(value) else {
            throw ReleaseError(
                place: place,
                problem: "\(value) is not in \(range.lowerBound)...\(range.upperBound)",
                remedy: remedy
            )
        }
    }
}
