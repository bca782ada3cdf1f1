package import Events

extension DataProblems {
    /// What is wrong with events as they came in, field by field: why cleaning will refuse them.
    ///
    /// A field that is bad in every event refuses the training, one that is bad in some is told of.
    /// - Complexity: O(n).
    package static func find(inRaw events: [Event]) -> [DataProblem] {
        var counts: [FieldProblem: Int] = [:]
        for event in events {
            for problem in event.validate() { counts[problem, default: 0] += 1 }
        }
        let found = counts.map { field, count in
            DataProblem(
                severity: count == events.count ? .refusal : .warning,
                rule: .badField,
                place: "events, field \(field.field)",
                count: count,
                total: events.count,
                problem: "\(field.reason) in \(count) of \(events.count)",
                remedy: field.remedy
            )
        }
        return sorted(
            found.sorted { $0.count != $1.count ? $0.count > $1.count : $0.text < $1.text }
        )
    }
}
