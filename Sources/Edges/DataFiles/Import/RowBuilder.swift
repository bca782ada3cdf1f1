internal import Events
internal import Foundation

/// Makes events and items out of rows; the place where a row's text becomes checked values.
struct RowBuilder {
    /// Why a row is refused: the field to blame and what it held.
    struct Refusal: Error {
        var field: ImportField?
        var column: String
        var rule: ImportRule
        var value: ArraySlice<UInt8>
        var reason: String
        var remedy: String
    }

    let mapping: ResolvedMapping
    /// Each field's column in the row, −1 where it has none.
    private let columns: [Int]
    private let constants: [ArraySlice<UInt8>?]
    private var zones = ZoneText()

    init(_ mapping: ResolvedMapping) {
        self.mapping = mapping
        var columns = [Int](repeating: -1, count: ImportField.allCases.count)
        var constants = [ArraySlice<UInt8>?](repeating: nil, count: columns.count)
        for field in ImportField.allCases {
            if let name = mapping.columnNames[field] {
                columns[field.rawValue] = mapping.columnsFound.firstIndex(of: name) ?? -1
            } else if let text = mapping.constants[field] {
                constants[field.rawValue] = Array(text.utf8)[...]
            }
        }
        self.columns = columns
        self.constants = constants
    }

    /// The row's event, and its item where it names one.
    mutating func build(_ row: CSVRow) throws(Refusal) -> (event: Event, item: Item?) {
        try checkBytes(row)
        let coordinates = try place(row)
        var event = Event(
            id: text(.eventID, row),
            user: text(.user, row),
            item: text(.item, row),
            action: text(.action, row),
            instant: Instant(millisecondsSinceEpoch: 0),
            place: mapping.coordinates == .item ? nil : coordinates,
            context: Context(
                platform: text(.platform, row),
                device: text(.device, row),
                session: text(.session, row),
                tags: tags(.tags, row)
            ),
            value: try number(.value, row),
            queryText: text(.queryText, row)
        )
        try setTime(of: &event, row)
        try check(event.validate(), row, inItem: false)
        try checkItem(event, row)
        guard !event.item.isEmpty else { return (event, nil) }
        let item = Item(
            id: event.item,
            name: text(.name, row),
            category: text(.category, row),
            place: mapping.coordinates == .event ? nil : coordinates,
            tags: tags(.itemTags, row)
        )
        try check(item.validate(), row, inItem: true)
        return (event, item)
    }

    private func bytes(_ field: ImportField, _ row: CSVRow) -> ArraySlice<UInt8> {
        let column = columns[field.rawValue]
        return column >= 0 ? row.field(column).trimmingBlanks : constants[field.rawValue] ?? []
    }

    private func text(_ field: ImportField, _ row: CSVRow) -> String {
        String(decoding: bytes(field, row), as: UTF8.self)
    }

    private func tags(_ field: ImportField, _ row: CSVRow) -> [String] {
        bytes(field, row).split(separator: JSONLine.listSeparator).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Every field is UTF-8 without NUL. Fields are looked at one by one only in rows that need it.
    private func checkBytes(_ row: CSVRow) throws(Refusal) {
        var isPlain = true
        for byte in row.bytes where byte >= 0x80 || byte == 0 { isPlain = false }
        if isPlain { return }
        for column in 0..<row.count {
            let field = row.field(column)
            let name = mapping.columnsFound[column]
            if field.contains(0) {
                throw Refusal(
                    column: name,
                    rule: .nulByte,
                    value: field,
                    reason: "holds a NUL byte",
                    remedy: "remove that byte"
                )
            }
            if String(validating: field, as: UTF8.self) == nil {
                throw Refusal(
                    column: name,
                    rule: .invalidUTF8,
                    value: field,
                    reason: "is not UTF-8",
                    remedy: "convert the file: iconv -f LATIN1 -t UTF-8"
                )
            }
        }
    }

    private func number(_ field: ImportField, _ row: CSVRow) throws(Refusal) -> Double? {
        let text = bytes(field, row)
        if text.isEmpty { return nil }
        if let number = DecimalText.number(text) { return number }
        throw refusal(field, .badNumber, text, "is not a finite number", "write it as -12.5")
    }

    private func place(_ row: CSVRow) throws(Refusal) -> Place? {
        let latitude = try number(.latitude, row)
        let longitude = try number(.longitude, row)
        let accuracy = try number(.accuracyMeters, row) ?? 0
        guard latitude != nil || longitude != nil else { return nil }
        guard let latitude, let longitude else {
            let field: ImportField = latitude == nil ? .latitude : .longitude
            throw refusal(
                field,
                .empty,
                [],
                "is empty where the other coordinate is not",
                "fill in both or none"
            )
        }
        let problems = EventLimits.problems(
            latitudeDegrees: latitude,
            longitudeDegrees: longitude,
            accuracyMeters: accuracy
        )
        try check(problems, row, inItem: false)
        return Place(
            latitudeDegrees: latitude,
            longitudeDegrees: longitude,
            accuracyMeters: accuracy
        )
    }

    private mutating func setTime(of event: inout Event, _ row: CSVRow) throws(Refusal) {
        let text = bytes(.time, row)
        guard !text.isEmpty else {
            throw refusal(.time, .empty, text, "is empty", "fill it in")
        }
        guard let time = TimeText.parse(text, as: mapping.timeFormat) else {
            let reason = "is not a time of format \(mapping.timeFormat.rawValue)"
            throw refusal(.time, .badTime, text, reason, "set time_format in the mapping file")
        }
        let zone = bytes(.utcOffsetMinutes, row)
        let isLocal = mapping.clock == .local && !time.hasZone
        guard let offset = zones.offsetMinutes(zone, at: time.instant, isLocal: isLocal) else {
            throw refusal(
                .utcOffsetMinutes,
                .badNumber,
                zone,
                "is not an offset from UTC",
                "write minutes east of Greenwich, +hh:mm, or a zone such as Asia/Tokyo"
            )
        }
        // Before it shifts a local time: a shift by any number that a column may hold overflows.
        try check(EventLimits.problems(utcOffsetMinutes: offset), row, inItem: false)
        event.utcOffsetMinutes = zone.isEmpty ? time.utcOffsetMinutes ?? 0 : offset
        event.instant = time.instant
        if isLocal {
            let shift = Int64(event.utcOffsetMinutes) * 60_000
            event.instant.millisecondsSinceEpoch -= shift
        }
    }

    /// An empty item is meant only where the row says what else happened.
    private func checkItem(_ event: Event, _ row: CSVRow) throws(Refusal) {
        let saysWhat = !event.queryText.isEmpty || columns[ImportField.action.rawValue] >= 0
        guard event.item.isEmpty, !saysWhat else { return }
        throw refusal(
            .item,
            .empty,
            [],
            "is empty",
            "fill it in, or map a query_text or an action column"
        )
    }

    private func check(
        _ problems: [FieldProblem],
        _ row: CSVRow,
        inItem: Bool
    ) throws(Refusal) {
        guard let problem = problems.first else { return }
        let field = ImportField.field(ofProblem: problem.field, inItem: inItem)
        throw Refusal(
            field: field,
            column: field.map(mapping.label) ?? problem.field,
            rule: ImportRule(problem.rule),
            value: field.map { bytes($0, row) } ?? [],
            reason: problem.reason,
            remedy: problem.remedy
        )
    }

    private func refusal(
        _ field: ImportField,
        _ rule: ImportRule,
        _ value: ArraySlice<UInt8>,
        _ reason: String,
        _ remedy: String
    ) -> Refusal {
        Refusal(
            field: field,
            column: mapping.label(field),
            rule: rule,
            value: value,
            reason: reason,
            remedy: remedy
        )
    }
}

/// Offsets from UTC out of text: minutes, `+hh:mm`, or the name of a zone.
struct ZoneText {
    /// The names of the tz database are some 600.
    private static let maxKnown = 1_000
    private var known: [ArraySlice<UInt8>: TimeZone] = [:]

    /// - Parameter isLocal: `instant` was read from the local clock as if it were UTC.
    /// - Returns: 0 for an empty text; nil for a text that is none of these.
    mutating func offsetMinutes(
        _ text: ArraySlice<UInt8>,
        at instant: Instant,
        isLocal: Bool
    ) -> Int? {
        if text.isEmpty { return 0 }
        let isSigned = text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-")
        // Four digits are hours and minutes: no clock is 1,000 minutes off.
        let isClock = text.count == 5 || text.contains(UInt8(ascii: ":"))
        if isSigned, isClock, let offset = TimeText.offsetMinutes(text) { return offset }
        if let number = DecimalText.number(text) { return Int(exactly: number) }
        guard let zone = zone(text) else { return nil }
        let seconds = Double(instant.millisecondsSinceEpoch) / 1000
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
        guard isLocal else { return offset / 60 }
        let shifted = Date(timeIntervalSince1970: seconds - Double(offset))
        return zone.secondsFromGMT(for: shifted) / 60
    }

    private mutating func zone(_ text: ArraySlice<UInt8>) -> TimeZone? {
        if let zone = known[text] { return zone }
        guard let zone = TimeZone(identifier: String(decoding: text, as: UTF8.self)) else {
            return nil
        }
        if known.count < Self.maxKnown { known[Array(text)[...]] = zone }
        return zone
    }
}

extension ArraySlice<UInt8> {
    /// Without blanks and tabs at either end.
    fileprivate var trimmingBlanks: ArraySlice<UInt8> {
        var kept = self
        while let byte = kept.first, byte == 0x20 || byte == 0x09 { kept.removeFirst() }
        while let byte = kept.last, byte == 0x20 || byte == 0x09 { kept.removeLast() }
        return kept
    }
}
