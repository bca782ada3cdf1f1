/// Why a pool did not take a piece of work: it never began.
package struct WorkerPoolError: Error, Hashable, Sendable {
    package enum Code: Sendable { case queueFull, stopped }
    package var code: Code
    /// The pool's name.
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
