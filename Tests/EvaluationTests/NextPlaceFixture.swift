import DataFiles
import Evaluation
import Events
import Foundation

/// Next-place data for tests: the golden town, the real city where this machine has it.
enum NextPlaceFixture {
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let goldenFolder = repository.appending(path: "testdata/golden/next-place").path

    /// The real data sets, where this machine has them.
    static let sharedFolder: String? = {
        let environment = ProcessInfo.processInfo.environment["CHRONOTOPE_SHARED"]
        let beside = repository.appending(path: "../shared").path
        return [environment, beside].compactMap(\.self)
            .map { $0 + "/data" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// The folder of the New York data; nil where this machine has none.
    static let cityFolder: String? = sharedFolder.map { $0 + "/foursquare-nyc" }

    static func read(_ folder: String) throws -> NextPlaceData {
        NextPlaceData(try TrajectoryFiles.read(folder).map(checkIn))
    }

    static func checkIn(_ row: TrajectoryFiles.Row) -> NextPlaceData.CheckIn {
        NextPlaceData.CheckIn(
            user: row.user,
            item: row.place,
            category: row.category,
            place: Place(
                latitudeDegrees: row.latitudeDegrees,
                longitudeDegrees: row.longitudeDegrees
            ),
            instant: Instant(secondsSinceEpoch: row.secondsSinceEpoch),
            utcOffsetMinutes: row.utcOffsetMinutes,
            trajectory: row.trajectory,
            part: part(row.part)
        )
    }

    private static func part(_ part: TrajectoryFiles.Part) -> NextPlaceData.CheckIn.Part {
        switch part {
        case .train: .train
        case .validation: .validation
        case .test: .test
        }
    }
}

/// What `tools/baselines.py` said of the golden town.
struct NextPlaceGolden: Decodable {
    struct Case: Decodable {
        var `protocol`: String
        var part: String
        var instances: Int
        var returns: Int
        var discoveries: Int
        var baselines: [String: [String: Double]]
    }
    var tolerance: Double
    var cases: [Case]

    static func read() throws -> NextPlaceGolden {
        let path = NextPlaceFixture.goldenFolder + "/expected.json"
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
    }
}
