internal import Events

/// Makes a pattern of a finding's numbers.
struct PatternAssembly {
    let events: MinedEvents
    let settings: MiningSettings

    func pattern(_ finding: Finding, _ details: PatternDetails) -> Pattern {
        Pattern(
            kind: finding.kind,
            antecedent: antecedent(finding),
            consequent: target(finding.consequent),
            eventCount: details.eventCount,
            userCount: details.userCount,
            antecedentCount: details.antecedentCount,
            lift: finding.lift,
            zScore: finding.zScore,
            pValue: finding.pValue,
            adjustedPValue: finding.adjustedPValue,
            halves: details.halves,
            lag: details.lags.isEmpty ? nil : LagSummary(details.lags),
            rhythm: finding.kind == .routine ? details.clock.rhythm : nil,
            evidence: details.evidence,
            learned: nil
        )
    }

    private func antecedent(_ finding: Finding) -> PatternAntecedent {
        var antecedent = PatternAntecedent(cell: finding.cell)
        let condition = Int(finding.condition)
        if condition >= SlotConditions.ranges.count {
            switch events.words[condition - SlotConditions.ranges.count] {
            case .action(let word): antecedent.action = word
            case .context(let word): antecedent.context = word
            }
        } else if condition >= 0 {
            antecedent.slots = SlotConditions.ranges[condition]
        }
        if finding.segment >= 0 {
            antecedent.segment = events.segments.words.ids[Int(finding.segment)]
        }
        if finding.user >= 0 { antecedent.user = events.table.users.ids[Int(finding.user)] }
        if let after = finding.after {
            antecedent.after = target(after)
            antecedent.withinSeconds = settings.transitionSeconds
        }
        return antecedent
    }

    private func target(_ target: Finding.Target) -> PatternTarget {
        EventLabels.target(target, in: events)
    }
}

extension EventLabels {
    static func target(_ target: Finding.Target, in events: MinedEvents) -> PatternTarget {
        let label = Int(target.label)
        return switch target.kind {
        case .item: .item(events.table.catalogue.items.ids[label])
        case .category: .category(events.table.catalogue.categories.ids[label])
        case .cell(let column): .cell(events.cellColumns[column].cells[label])
        }
    }
}
