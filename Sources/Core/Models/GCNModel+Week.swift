extension GCNModel {
    /// P(the user acts within each hour of the week, in a week), shape [168]: one convolution for
    /// all of them.
    package func weekProbabilities(of history: UserHistory) -> [Float] {
        let hidden = users.vector(of: history)
        return zip(outputs.userSlots.products(with: hidden), outputs.userSlotBias)
            .map { Self.sigmoid($0 + $1) }
    }
}
