/// Why a protocol cannot run: a code to branch on, then where, what and how to mend it.
package struct EvaluationError: Error, Hashable, Sendable {
    package enum Code: Sendable {
        /// The family needs what the data set lacks, as times.
        case unsuitableData
        /// The part holds nothing to ask.
        case noInstances
    }
    package var code: Code
    /// The protocol or the family.
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
