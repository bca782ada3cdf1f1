internal import Messages

/// A record on its way to the log, encoded before it comes to the actor that orders the records.
struct NewRecord: Sendable {
    let kind: Wire.LogRecord.Kind
    let bytes: [UInt8]

    init(_ kind: Wire.LogRecord.Kind) {
        self.kind = kind
        bytes = Wire.LogRecord(kind: kind).encoded()
    }

    /// Empty for an event without one, and for what is no event.
    var eventID: String {
        if case .event(let event) = kind { event.id } else { "" }
    }
}

/// What of a batch does not go into the log as it came, counted: kept in the log with the batch,
/// so that the counts are as safe as the records.
struct BatchLedger: Sendable {
    private var refusedByRule: [String: UInt64] = [:]
    /// Events that are in the log already.
    var duplicates = 0

    mutating func refuse(by rule: String) { refusedByRule[rule, default: 0] += 1 }

    /// Nil where all of the batch is taken.
    var record: NewRecord? {
        if refusedByRule.isEmpty, duplicates == 0 { return nil }
        let counts = refusedByRule.sorted { $0.key < $1.key }
            .map { Wire.RuleCount(rule: $0.key, count: $0.value) }
        return NewRecord(
            .ledger(Wire.IngestLedger(refused: counts, duplicates: UInt64(duplicates)))
        )
    }
}
