import Cleaning
import Events
import Foundation
import PatternFiles
import Patterns
import Testing
import Workers

@Suite("patterns for other programs")
struct PatternExportTests {
    private static func town() throws -> (PatternFile, PatternWords) {
        let town = SyntheticTown(TownSettings(seed: 3, userCount: 300))
        let pool = WorkerPool(name: "patterns", threadCount: 2, queueLimit: 1)
        let mined = try PatternMiner.mine(town.input, on: pool)
        let catalogue = town.input.table.catalogue
        let names = [catalogue.items.ids[0]: "The \"Oak\", here"]
        return (PatternFile(mined), PatternWords(catalogue, names: names))
    }

    @Test("GeoJSON has closed rings, longitude first, counterclockwise, one feature a pattern")
    func geoJSON() throws {
        let (file, words) = try Self.town()
        let bytes = try file.exported(as: .geojson, words: words)
        let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        #expect(object?["type"] as? String == "FeatureCollection")
        let features = object?["features"] as? [[String: Any]] ?? []
        #expect(features.count == file.patterns.count && features.count > 20)
        var kinds: [String: Int] = [:]
        for (feature, pattern) in zip(features, file.patterns) {
            #expect(feature["id"] as? String == pattern.id)
            #expect((feature["properties"] as? [String: Any])?["id"] as? String == pattern.id)
            guard let geometry = feature["geometry"] as? [String: Any] else {
                #expect(feature["geometry"] is NSNull)
                kinds["none", default: 0] += 1
                continue
            }
            let type = geometry["type"] as? String ?? ""
            kinds[type, default: 0] += 1
            guard type == "Polygon" else { continue }
            let ring = (geometry["coordinates"] as? [[[Double]]])?.first ?? []
            #expect(ring.count == 5 && ring.first == ring.last)
            let corners = try ring.dropLast().map { position in
                try #require(
                    Place(latitudeDegrees: position[1], longitudeDegrees: position[0])
                )
            }
            let cell = pattern.antecedent.cell
            let target: Cell? = if case .cell(let to) = pattern.consequent { to } else { cell }
            #expect(try Ring(corners).contains(try #require(target?.center)))
        }
        #expect(kinds["Polygon", default: 0] > 0 && kinds["Point", default: 0] > 0, "\(kinds)")
    }

    @Test("CSV has one row a pattern, quotes doubled, lines ended as RFC 4180 has it")
    func csv() throws {
        let (file, words) = try Self.town()
        let text = String(decoding: try file.exported(as: .csv, words: words), as: UTF8.self)
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.count == file.patterns.count + 2 && lines.last == "")
        #expect(lines[0].hasPrefix("id,kind,text,slots,"))
        let columnCount = lines[0].split(separator: ",").count
        for (line, pattern) in zip(lines.dropFirst(), file.patterns) {
            let cells = Self.cells(line)
            #expect(cells.count == columnCount)
            #expect(cells[0] == pattern.id && cells[2] == words.sentence(pattern))
            #expect(Double(cells[22]) == pattern.lift)
        }
    }

    /// One line of RFC 4180.
    private static func cells(_ line: String) -> [String] {
        var cells = [""]
        var isQuoted = false
        for character in line {
            switch character {
            case "\"":
                isQuoted.toggle()
                // The second of two opens again: then a quote was meant.
                if isQuoted, cells[cells.count - 1].hasSuffix("\u{0}") {
                    cells[cells.count - 1].removeLast()
                    cells[cells.count - 1].append("\"")
                }
                if !isQuoted { cells[cells.count - 1].append("\u{0}") }
            case "," where !isQuoted: cells.append("")
            default: cells[cells.count - 1].append(character)
            }
        }
        return cells.map { $0.replacingOccurrences(of: "\u{0}", with: "") }
    }

    @Test("a file tells name, category and place of the items that it names")
    func items() throws {
        let (file, words) = try Self.town()
        let read = try PatternFile.decode(file.encoded(words: words))
        let again = PatternWords(read.items)
        #expect(read.patterns == file.patterns)
        #expect(read.patterns.map(again.sentence) == file.patterns.map(words.sentence))
        #expect(try read.encoded(words: again) == file.encoded(words: words))
        let named = file.patterns.compactMap { pattern -> String? in
            if case .item(let id) = pattern.consequent { id } else { nil }
        }
        #expect(!named.isEmpty)
        #expect(named.allSatisfy { read.items[$0] == words.items[$0] })
    }

    @Test("settings are read by name, and refused with the reason")
    func settings() throws {
        let read = try MiningSettings(texts: [
            "minimum-events": "30", "kinds": "routine,transition", "cell-levels": "9,12",
        ])
        #expect(read.minimumEvents == 30 && read.kinds == [.routine, .transition])
        #expect(read.cellLevels == [9, 12] && read.minimumUsers == MiningSettings().minimumUsers)
        let bad = [
            ["minimum-events": "0"], ["minimum-events": "many"], ["kinds": "cause"], ["kinds": ""],
            ["cell-levels": "31"], ["no-such": "1"], ["false-discovery-rate": "nan"],
            ["transition-seconds": "-1"], ["maximum-patterns": "99999999999999999999"],
        ]
        for texts in bad {
            let error = #expect(throws: PatternError.self) { try MiningSettings(texts: texts) }
            #expect(error?.place == texts.keys.first && error?.remedy.isEmpty == false)
        }
    }

    @Test("the platform of an event, or its device, is the circumstance that is mined")
    func contexts() {
        func event(_ user: String, _ seconds: Int64, _ context: Context) -> Event {
            Event(
                user: user,
                item: "i",
                action: "view",
                instant: Instant(secondsSinceEpoch: 1_704_067_200 + seconds),
                context: context
            )
        }
        let cleaned = Cleaner.clean(
            [
                event("b", 20, Context()), event("a", 30, Context(device: "watch")),
                event("b", 10, Context(platform: "web", device: "watch")),
            ],
            items: []
        )
        let column = cleaned.contexts
        #expect(column?.words.ids == ["watch", "web"])
        #expect(column?.indices == [1, -1, 0])
        #expect(cleaned.table.rows.count == 3)
        #expect(Cleaner.clean([event("a", 0, Context())], items: []).contexts == nil)
    }
}
