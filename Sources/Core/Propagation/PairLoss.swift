/// A loss over inner products of users and items, and its slopes by both.
package struct PairLoss: Sendable {
    package var loss: Double
    /// ∂loss/∂users, shape [users, d].
    package var users: DenseMatrix
    /// ∂loss/∂items, shape [items, d].
    package var items: DenseMatrix
}
