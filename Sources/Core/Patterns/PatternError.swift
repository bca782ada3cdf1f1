/// Why there are no patterns: a code to branch on, then where, what and how to mend it.
package struct PatternError: Error, Hashable, Sendable {
    package enum Code: Sendable {
        /// A setting out of its range.
        case badSetting
        /// The columns beside the table do not fit it.
        case badInput
        /// The caller's progress function said so.
        case cancelled
    }
    package var code: Code
    /// The setting or column.
    package var place: String
    package var problem: String
    package var remedy: String

    package init(code: Code, place: String, problem: String, remedy: String) {
        self.code = code
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }
}
