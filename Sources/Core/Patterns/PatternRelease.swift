extension Pattern {
    /// The pattern as it may leave the house; nil for one user's, and for one of fewer than `floor`
    /// distinct users. The example events, which are somebody's, stay behind.
    package func released(floor: Int) -> Pattern? {
        guard antecedent.user == nil, userCount >= floor else { return nil }
        var pattern = self
        pattern.evidence = []
        return pattern
    }
}
