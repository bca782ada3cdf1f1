import Launching

/// What the program says of itself.
package enum ProgramText {
    package static let versionNumber = ProgramVersion.number

    /// `--version`.
    package static let version = "chronotoped \(ProgramVersion.number)"

    /// The body of `/version`: one JSON object.
    package static func versionJSON(role: Role) -> String {
        "{\"program\":\"chronotoped\",\"version\":\(JSONText.quoted(ProgramVersion.number)),"
            + "\"role\":\(JSONText.quoted(role.rawValue)),\"api\":\"chronotope.v1\"}"
    }
}
