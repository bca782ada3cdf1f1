internal import Messages

/// The kind byte of a log record, so that a reader can skip what it does not need undecoded.
///
/// The bytes are the numbers of LogRecord's fields and are on disk: never renumber.
enum RecordKind: UInt8 {
    case event = 1
    case item = 2
    case user = 3
    case forget = 4
    case mergeUsers = 5
    case hideItem = 6
    case ledger = 7

    init(_ kind: Wire.LogRecord.Kind) {
        self =
            switch kind {
            case .event: .event
            case .item: .item
            case .user: .user
            case .forget: .forget
            case .mergeUsers: .mergeUsers
            case .hideItem: .hideItem
            case .ledger: .ledger
            }
    }
}
