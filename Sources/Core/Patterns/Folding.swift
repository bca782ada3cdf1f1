/// Leaves of each family of related findings those that say something of their own.
///
/// The strongest comes first. A later one is folded into one that is kept where it is the same or
/// narrower and not surely much stronger (a narrower hour, cell or item explains itself by the wider
/// pattern), or wider and mostly made of the kept one's events (its closure: Pasquier et al. 1999).
struct Folding {
    let events: MinedEvents
    let settings: MiningSettings

    /// The kept ones, strongest first.
    func kept(of findings: [Finding]) -> [Finding] {
        let groups = Dictionary(grouping: findings.indices) { findings[$0].foldingKey(events) }
        var kept: [Int] = []
        for group in groups.values { kept += representatives(of: group, findings) }
        return kept.sorted { isBefore(findings[$0], findings[$1], $0, $1) }.map { findings[$0] }
    }

    /// Of one family, no more than this many are compared with each other.
    private static let familyLimit = 20_000

    private func representatives(of group: [Int], _ findings: [Finding]) -> [Int] {
        let ranked = group.sorted { left, right in
            let (first, second) = (findings[left], findings[right])
            if first.user >= 0, first.consequent.kind != second.consequent.kind {
                return Self.specificity(first.consequent.kind)
                    > Self.specificity(second.consequent.kind)
            }
            return isBefore(first, second, left, right)
        }
        var kept: [Int] = []
        for index in ranked.prefix(Self.familyLimit)
        where !kept.contains(where: { isFolded(findings[index], into: findings[$0]) }) {
            kept.append(index)
        }
        return kept
    }

    private func isFolded(_ finding: Finding, into kept: Finding) -> Bool {
        switch kept.relation(to: finding, events) {
        case .unrelated: false
        case .same, .wider: finding.cautiousLift < settings.foldingGain * kept.lift
        case .narrower: 2 * kept.observed >= finding.observed
        }
    }

    /// One user's routine is told by its item rather than by the cell or category around it.
    private static func specificity(_ kind: EventLabels.Kind) -> Int {
        switch kind {
        case .item: .max
        case .cell(let column): column
        case .category: -1
        }
    }

    private func isBefore(_ first: Finding, _ second: Finding, _ left: Int, _ right: Int) -> Bool {
        first.zScore != second.zScore ? first.zScore > second.zScore : left < right
    }
}
