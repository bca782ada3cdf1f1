import DataFiles
import Evaluation
import Foundation

/// List protocols over folders in the files of the real data sets.
enum ListFixture {
    static let goldenFolder =
        NextPlaceFixture.repository.appending(path: "testdata/golden/list-protocols").path

    static func ratings(_ folder: String) throws -> TimeSplit {
        TimeSplit(try MovieLensRatings.read(folder).ratings, part: .test)
    }

    static func purchases(
        _ folder: String,
        part: EvaluationPart = .test
    ) throws -> HeldOutPurchases {
        let files = try BehaviourFiles.read(folder)
        return HeldOutPurchases(
            train: files.train,
            targets: files.targets,
            hasTimes: files.hasTimes,
            part: part,
            keepsTargetViews: files.keepsTargetViews
        )
    }

    static func sequences(_ folder: String) throws -> SequenceValidation {
        let files = try SequenceFiles.read(folder)
        return SequenceValidation(
            train: files.train.map { $0.map { String($0) } },
            targets: files.targets.map { target in
                (target.user, target.history.map { String($0) }, String(target.target))
            },
            part: .test
        )
    }

    static func sessions(_ folder: String) throws -> SessionLabels {
        let files = try SessionFiles.read(folder)
        func users(_ users: [SessionFiles.User]) -> [SessionLabels.User] {
            users.map { .init(user: $0.user, sessions: $0.sessions, label: $0.label) }
        }
        return SessionLabels(
            train: users(files.train),
            test: users(files.test),
            places: files.places,
            part: .test
        )
    }

    /// The task and baselines of a folder of the golden vectors.
    static func golden(
        _ example: ListGolden.Case
    ) throws -> (task: ListTask, baselines: [ListTask.Baseline])? {
        let folder = "\(goldenFolder)/\(example.folder)"
        switch example.protocol {
        case TimeSplit.name:
            let split = try ratings(folder)
            return (split.task, split.baselines)
        case HeldOutPurchases.name:
            let held = try purchases(folder)
            return (held.task, held.baselines)
        case SequenceValidation.name:
            let sequences = try sequences(folder)
            return (sequences.task, sequences.baselines)
        case SessionLabels.name:
            let labels = try sessions(folder)
            return (labels.task, labels.baselines)
        default:
            return nil
        }
    }
}

/// What `tools/list-baselines.py` said of the folders of testdata/golden/list-protocols.
struct ListGolden: Decodable {
    struct Case: Decodable {
        var folder: String
        var `protocol`: String
        var items: Int
        var instances: Int
        var groups: [String: Int]
        var baselines: [String: [String: Double]]
    }
    var tolerance: Double
    var cases: [Case]

    static func read() throws -> ListGolden {
        let path = ListFixture.goldenFolder + "/expected.json"
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
    }
}
