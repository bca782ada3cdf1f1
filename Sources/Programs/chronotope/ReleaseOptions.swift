import ArgumentParser
import Client
import CommandLineTools
import Events
import Privacy

/// What `chronotope release` counts, and what hides the people in it.
struct ReleaseOptions: ParsableArguments {
    @Option(help: "Distinct users below which nothing is released.")
    var floor = ReleaseSettings.defaultFloor
    @Option(help: "S2 level of the cells, 0 to 20; one of 13 is about 1.1 km across.")
    var cellLevel = Cell.neighbourhoodLevel
    @Option(help: "Hours of the week in a slot: 1, 2, 3, 4, 6, 8, 12, 24 or 168.")
    var hoursPerSlot = 1
    @Flag(help: "Count by category too.") var byCategory = false
    @Option(help: ArgumentHelp("Count from this time on; with --to.", valueName: "time"))
    var from: String?
    @Option(help: ArgumentHelp("Count up to this time, itself left out.", valueName: "time"))
    var to: String?

    @Option(help: "Differential privacy: the loss of one user, for all counts together.")
    var epsilon: Double?
    @Option(help: "The chance that the guarantee does not hold; with --epsilon.")
    var delta = 0.000_001
    @Option(help: "Cells × slots that a user counts in at most; with --epsilon.")
    var maxKeysPerUser = 4
    @Option(help: "Events of a user that count in one of them at most; with --epsilon.")
    var maxEventsPerKey = 2

    func validate() throws {
        guard (from == nil) == (to == nil) else {
            throw ValidationError("--from and --to go together")
        }
        guard epsilon == nil || from != nil else {
            throw ValidationError(
                "--epsilon needs --from and --to: the months of the window pay for the release"
            )
        }
        // As flags: what is out of range ends before any file is read.
        do {
            try settings().check()
            _ = try window()
        } catch let error as ReleaseError {
            throw ValidationError("--\(error.place): \(error.problem); \(error.remedy)")
        }
    }

    func settings() throws -> ReleaseSettings {
        ReleaseSettings(
            floor: floor,
            cellLevel: cellLevel,
            hoursPerSlot: hoursPerSlot,
            byCategory: byCategory,
            noise: try epsilon.map { epsilon in
                ReleaseSettings.Noise(
                    cost: try PrivacyCost(epsilon: epsilon, delta: delta),
                    maximumKeysPerUser: maxKeysPerUser,
                    maximumEventsPerKey: maxEventsPerKey
                )
            }
        )
    }

    /// The same for the server.
    func message() throws -> Chronotope_V1_ReleaseCountsRequest {
        var message = Chronotope_V1_ReleaseCountsRequest()
        let window = try window()?.instants
        message.fromMs = window?.lowerBound.millisecondsSinceEpoch ?? 0
        message.toMs = window?.upperBound.millisecondsSinceEpoch ?? 0
        message.floor = UInt32(floor)
        message.cellLevel = UInt32(cellLevel)
        message.hoursPerSlot = UInt32(hoursPerSlot)
        message.byCategory = byCategory
        if let epsilon {
            message.noise.epsilon = epsilon
            message.noise.delta = delta
            message.noise.maxKeysPerUser = UInt32(maxKeysPerUser)
            message.noise.maxEventsPerKey = UInt32(maxEventsPerKey)
        }
        return message
    }

    func window() throws -> ReleaseWindow? {
        guard let from, let to else { return nil }
        return try ReleaseWindow(from: Self.instant(from, "--from"), to: Self.instant(to, "--to"))
    }

    private static func instant(_ text: String, _ flag: String) throws -> Instant {
        guard let time = TimeArgument(text, now: Clock.milliseconds) else {
            throw ValidationError("\(flag) takes \(TimeArgument.forms), not '\(text)'")
        }
        return Instant(millisecondsSinceEpoch: time.milliseconds)
    }
}
