/// A part of the process failed or could not be started.
package struct ComponentError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable { case endedEarly, failed, drainTimedOut }

    package var code: Code
    /// The component's name.
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
