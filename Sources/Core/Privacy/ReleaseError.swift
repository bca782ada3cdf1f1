/// A setting of a release that is out of its range: which, what is wrong and how to mend it.
package struct ReleaseError: Error, Hashable, Sendable {
    /// The setting, as flags and fields name it, with hyphens.
    package var place: String
    package var problem: String
    package var remedy: String

    package init(place: String, problem: String, remedy: String) {
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }
}
