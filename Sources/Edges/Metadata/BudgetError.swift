/// Why a release was not paid for; nothing was debited then.
package struct BudgetError: Error, Hashable, Sendable {
    package enum Code: Sendable {
        /// The cost passes what is left of a period's budget.
        case exhausted
        /// The ledger could not be read, or the debit not be synced.
        case locked, outOfSpace, corrupt, io
    }
    package var code: Code
    /// The data set and period, or the ledger's path.
    package var place: String
    package var problem: String
    package var remedy: String

    init(_ error: MetadataError) {
        code =
            switch error.code {
            case .locked: .locked
            case .outOfSpace: .outOfSpace
            case .corrupt: .corrupt
            case .io: .io
            }
        place = error.path
        problem = error.problem
        remedy =
            error.code == .corrupt
            ? "restore the ledger from a backup: without it nobody knows what was spent"
            : error.remedy
    }

    init(dataSet: String, period: String, cost: String, left: String) {
        code = .exhausted
        place = "\(dataSet), \(period)"
        problem = "the release costs \(cost), and \(left) of the period's budget is left"
        remedy =
            "ask for a smaller epsilon or another period, or have the operator raise the budget"
    }
}
