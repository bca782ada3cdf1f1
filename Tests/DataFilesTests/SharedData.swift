import Foundation

/// The real data sets, where this machine has them.
enum SharedData {
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment["CHRONOTOPE_SHARED"]
        let beside = FileManager.default.currentDirectoryPath + "/../shared"
        return [environment, beside].compactMap(\.self)
            .map { $0 + "/data" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()
}
