import Cleaning
import Events
import Foundation

/// Events and files that several suites need.
enum CleaningSupport {
    static let start: Int64 = 1_333_476_000

    /// An event `second` seconds after the start; rated, and about item i of user u, unless said.
    static func event(
        _ second: Int64,
        user: String = "u",
        item: String = "i",
        action: String = "rate",
        value: Double? = nil,
        at place: Place? = nil
    ) -> Event {
        Event(
            user: user,
            item: item,
            action: action,
            instant: Instant(secondsSinceEpoch: start + second),
            place: place,
            value: value
        )
    }

    static func instant(_ second: Int64) -> Instant {
        Instant(secondsSinceEpoch: start + second)
    }

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folder of a real data set; nil where this machine has none.
    static func sharedFolder(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment["CHRONOTOPE_SHARED"]
        let beside = repository.appending(path: "../shared").path
        return [environment, beside].compactMap(\.self)
            .map { "\($0)/data/\(name)" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    /// A file of testdata/golden/cleaning.
    struct Golden<Case: Decodable>: Decodable {
        var tolerance: Double
        var cases: [Case]

        static func read(_ name: String) throws -> Golden {
            let file = repository.appending(path: "testdata/golden/cleaning/\(name)")
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
        }
    }

    /// The largest difference, as a share of the largest expected magnitude; infinite for unequal
    /// counts or anything that is no number.
    static func distance(_ found: [Double], _ expected: [Double]) -> Double {
        guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .infinity }
        let largest = expected.reduce(0) { max($0, $1.magnitude) }
        let difference = zip(found, expected).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
        return largest > 0 ? difference / largest : difference
    }
}
