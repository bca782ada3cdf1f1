internal import Events
internal import Foundation
package import Patterns

/// The formats in which patterns leave the program.
package enum PatternFormat: String, CaseIterable, Sendable {
    /// `patterns.jsonl`, which can be read back.
    case jsonl
    /// RFC 4180, a header and one line a pattern.
    case csv
    /// RFC 7946: a feature a pattern; cells as polygons, items as points.
    case geojson
}

extension PatternFile {
    /// The file in a format; the same patterns always give the same bytes.
    package func exported(
        as format: PatternFormat,
        words: PatternWords
    ) throws(PatternFileError) -> [UInt8] {
        switch format {
        case .jsonl: try encoded(words: words)
        case .csv: Array(csv(words).utf8)
        case .geojson: try geoJSON(words)
        }
    }

    // MARK: - CSV

    private static let columns = [
        "id", "kind", "text", "slots", "cell", "action", "context", "segment", "user",
        "after_kind", "after_name", "within_seconds", "then_kind", "then_name", "then_label",
        "then_category", "latitude", "longitude", "events", "users", "antecedent_events",
        "confidence", "lift", "z", "p", "adjusted_p", "first_half_lift", "second_half_lift",
        "stability", "lag_p10_seconds", "lag_p50_seconds", "lag_p90_seconds", "mean_hour",
        "concentration", "learned_lift",
    ]

    private func csv(_ words: PatternWords) -> String {
        var text = Self.columns.joined(separator: ",") + "\r\n"
        for pattern in patterns {
            let line = PatternLine(pattern, items: words.items, text: words.sentence(pattern))
            text += line.cells.map(Self.quoted).joined(separator: ",") + "\r\n"
        }
        return text
    }

    /// In quotes where a comma, quote or line's end asks for them.
    private static func quoted(_ cell: String) -> String {
        let isPlain = cell.utf8.allSatisfy { ![34, 44, 10, 13].contains($0) }
        return isPlain ? cell : "\"\(cell.replacingOccurrences(of: "\"", with: "\"\""))\""
    }

    // MARK: - GeoJSON

    private func geoJSON(_ words: PatternWords) throws(PatternFileError) -> [UInt8] {
        let features = patterns.map { pattern in
            GeoFeature(
                id: pattern.id,
                geometry: GeoGeometry(pattern, words.items),
                properties: PatternLine(
                    pattern,
                    items: words.items,
                    text: words.sentence(pattern)
                )
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(GeoCollection(features: features)))
                + [UInt8(ascii: "\n")]
        } catch {
            throw PatternFileError(
                line: 0,
                problem: "a number is not finite",
                remedy: "report it with the data: a mined pattern has none"
            )
        }
    }
}

extension PatternLine {
    /// In the order of the columns; empty where there is nothing.
    fileprivate var cells: [String] {
        func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "" }
        let what = [
            id, kind, text(self.text), text(when.slots), text(when.cell), text(when.action),
            text(when.context), text(when.segment), text(when.user), text(when.after?.kind),
            text(when.after?.name), text(when.withinSeconds), then.kind, then.name,
            text(then.label), text(then.category), text(then.latitude), text(then.longitude),
        ]
        let numbers = [
            text(events), text(users), text(antecedentEvents), text(confidence), text(lift),
            text(z), text(p), text(adjustedP), text(firstHalf), text(secondHalf),
            text(stability), text(lag?.tenth), text(lag?.median), text(lag?.ninetieth),
            text(rhythm?.meanHour), text(rhythm?.concentration), text(learnedLift),
        ]
        return what + numbers
    }
}

private struct GeoCollection: Encodable {
    var type = "FeatureCollection"
    var features: [GeoFeature]
}

private struct GeoFeature: Encodable {
    var id: String
    /// nil for a pattern that is nowhere: a null, which RFC 7946 asks for.
    var geometry: GeoGeometry?
    var properties: PatternLine

    private enum Keys: String, CodingKey { case type, id, geometry, properties }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode("Feature", forKey: .type)
        try container.encode(id, forKey: .id)
        try container.encode(geometry, forKey: .geometry)
        try container.encode(properties, forKey: .properties)
    }
}

/// Positions are longitude, then latitude.
private enum GeoGeometry: Encodable {
    case point(Place)
    case polygon(Cell)

    /// Where the pattern leads to, else where it holds, else where it starts from.
    init?(_ pattern: Pattern, _ items: PatternItems) {
        if case .cell(let cell) = pattern.consequent {
            self = .polygon(cell)
        } else if let place = items.place(of: pattern.consequent) {
            self = .point(place)
        } else if let cell = pattern.antecedent.cell {
            self = .polygon(cell)
        } else if let place = pattern.antecedent.after.flatMap(items.place) {
            self = .point(place)
        } else {
            return nil
        }
    }

    private enum Keys: String, CodingKey { case type, coordinates }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .point(let place):
            try container.encode("Point", forKey: .type)
            try container.encode(Self.position(place), forKey: .coordinates)
        case .polygon(let cell):
            // Counterclockwise as S2 gives them, the first again at the end.
            let corners = cell.corners
            let ring = (corners + corners.prefix(1)).map(Self.position)
            try container.encode("Polygon", forKey: .type)
            try container.encode([ring], forKey: .coordinates)
        }
    }

    private static func position(_ place: Place) -> [Double] {
        [place.longitudeDegrees, place.latitudeDegrees]
    }
}
