/// A mapping applied to the columns that a file has.
package struct ResolvedMapping: Hashable, Sendable {
    /// The file's column of each field; absent where there is none.
    package private(set) var columnNames: [ImportField: String] = [:]
    package private(set) var constants: [ImportField: String]
    package let timeFormat: TimeFormat
    package let clock: ColumnMapping.Clock
    package let coordinates: ColumnMapping.Coordinates
    /// The columns that the file has, in its order.
    package let columnsFound: [String]

    /// What an event is called where neither the file nor the mapping says: positions make it a
    /// check-in.
    private static let defaultActions = (withPlace: "checkin", without: "view")

    /// - Parameter columnsFound: a CSV header, or the keys of the first JSON objects.
    package init(
        _ mapping: ColumnMapping,
        columnsFound: [String],
        path: String
    ) throws(DataFileError) {
        self.columnsFound = columnsFound
        constants = mapping.constants
        timeFormat = mapping.timeFormat
        clock = mapping.clock
        coordinates = mapping.coordinates
        for (field, name) in mapping.columns where !name.isEmpty { columnNames[field] = name }
        try checkNamedColumns(path)
        findUsualNames(leavingOut: Set(mapping.columns.keys))
        if columnNames[.action] == nil, constants[.action] == nil {
            let actions = Self.defaultActions
            constants[.action] = has(.latitude) ? actions.withPlace : actions.without
        }
        try checkRequired(path)
    }

    /// The file has a column for this field, or the mapping a constant.
    package func has(_ field: ImportField) -> Bool {
        columnNames[field] != nil || constants[field] != nil
    }

    /// How the row's owner knows the field: the column's name, or ours.
    package func label(_ field: ImportField) -> String { columnNames[field] ?? field.key }

    private func checkNamedColumns(_ path: String) throws(DataFileError) {
        let known = Set(columnsFound)
        let absent = columnNames.filter { !known.contains($0.value) }
        guard let first = absent.min(by: { $0.key.rawValue < $1.key.rawValue }) else { return }
        throw DataFileError(
            .badMapping,
            path: path,
            problem: "has no column \(first.value), which the mapping names for"
                + " \(first.key.key); it has \(listed(columnsFound))",
            remedy: "correct the name in the mapping file"
        )
    }

    private mutating func findUsualNames(leavingOut given: Set<ImportField>) {
        var byName: [String: String] = [:]
        let used = Set(columnNames.values)
        for name in columnsFound.reversed() where !used.contains(name) {
            byName[ImportField.normalized(name)] = name
        }
        for field in ImportField.allCases where !given.contains(field) && !has(field) {
            columnNames[field] = field.usualNames.lazy.compactMap { byName[$0] }.first
        }
    }

    private func checkRequired(_ path: String) throws(DataFileError) {
        var missing = [ImportField.user, .time].filter { !has($0) }
        if !has(.item), !has(.queryText) { missing.insert(.item, at: missing.isEmpty ? 0 : 1) }
        if has(.latitude) != has(.longitude) {
            missing.append(has(.latitude) ? .longitude : .latitude)
        }
        guard !missing.isEmpty else { return }
        let names = missing.map(\.key)
        let entries = names.map { "\"\($0)\": \"<your column>\"" }
        throw DataFileError(
            .missingColumns,
            path: path,
            lineNumber: 1,
            problem: "no column for \(listed(names)); the columns found are"
                + " \(listed(columnsFound))",
            remedy: "give a mapping file: {\"columns\": {\(listed(entries))}}, and \"header\":"
                + " [names] if the file's first line is data"
        )
    }

    private func listed(_ names: [String]) -> String {
        if names.isEmpty { return "none" }
        let shown = 40
        let list = names.prefix(shown).map { $0.shortened(toCharacters: 60) }
        return list.joined(separator: ", ") + (names.count > shown ? ", …" : "")
    }
}

extension String {
    /// At most `count` characters, control characters as `\u{…}`, the cut shown by `…`.
    func shortened(toCharacters count: Int) -> String {
        var result = ""
        for (position, scalar) in unicodeScalars.enumerated() {
            if position == count { return result + "…" }
            if scalar.properties.generalCategory == .control {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
