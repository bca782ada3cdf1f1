/// A refused setting: where it stands, what is wrong with it, how to mend it.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case unknownKey, badValue, missingValue, repeated, unreadableFile
    }

    package var code: Code
    /// "flag --thread", "environment CHRONOTOPE_THREADS", "file a.json, key threads".
    package var place: String
    package var problem: String
    package var remedy: String

    package init(_ code: Code, place: String, problem: String, remedy: String) {
        self.code = code
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String { "\(place): \(problem); \(remedy)" }
}

/// Everything that is wrong at once, so that one start shows the whole list.
package struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
    package let all: [ConfigurationError]

    package init(all: [ConfigurationError]) {
        self.all = all
    }

    package var description: String { all.map(\.description).joined(separator: "\n") }
}
