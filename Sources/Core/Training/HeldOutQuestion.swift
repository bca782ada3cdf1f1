package import Models

/// A question as the caller will ask it, and its answer.
///
/// What the mixture is learned on where no clock tells what was known when: lists of purchases, bare
/// sequences, sessions. The time is hidden.
package struct HeldOutQuestion: Hashable, Sendable {
    /// Index into the table's users.
    package var user: Int32
    /// Without the answer's own event.
    package var history: UserHistory
    /// Items that are no answer, ascending; the target is none of them.
    package var masked: [Int32]
    package var target: Int32

    package init(user: Int32, history: UserHistory, masked: [Int32], target: Int32) {
        self.user = user
        self.history = history
        self.masked = masked
        self.target = target
    }

    /// Users are dealt out to the folds by turns.
    func fold(of count: Int) -> Int { Int(user) % count }
}
