import DataFiles
import Events
import Foundation
import Messages
import TestSupport

/// The films and ratings of MovieLens 100K, with every fifth film held back.
struct MovieLensItems {
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment["CHRONOTOPE_SHARED"]
        let beside = FileManager.default.currentDirectoryPath + "/../shared"
        return [environment, beside].compactMap(\.self)
            .map { $0 + "/data/movielens-100k" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    static let newTag = "new"
    private static let genreCount = 19

    /// All ratings of films that are not held back.
    let events: [Wire.Event]
    /// Films that are not held back, with their genres as a vector of ones and zeros.
    let items: [Wire.Item]
    /// Those that are, with the tag `new`.
    let newItems: [Wire.Item]
    /// Held-back films that each user rated.
    let relevant: [String: Set<String>]

    init(_ folder: String) throws {
        // The file begins with the best known; the order of equal scores is to say nothing.
        let films = try Self.films(folder).sorted { Self.place(of: $0) < Self.place(of: $1) }
        let held = Set(films.indices.filter { $0 % 5 == 0 }.map { films[$0].id })
        items = films.filter { !held.contains($0.id) }
        newItems = films.filter { held.contains($0.id) }.map { film in
            var film = film
            film.tags = [Self.newTag]
            return film
        }
        let ratings = try MovieLensRatings.read(folder).ratings
        var events: [Wire.Event] = []
        var relevant: [String: Set<String>] = [:]
        for row in ratings.rows {
            let user = ratings.users.ids[Int(row.user)]
            let item = ratings.catalogue.items.ids[Int(row.item)]
            if held.contains(item) {
                relevant[user, default: []].insert(item)
            } else {
                events.append(
                    Wire.Event(
                        user: user,
                        item: item,
                        action: "rate",
                        instantMs: row.instant.millisecondsSinceEpoch,
                        value: Wire.Value(amount: Double(row.value))
                    )
                )
            }
        }
        self.events = events
        self.relevant = relevant
    }

    private static func place(of film: Wire.Item) -> Int { (Int(film.id) ?? 0) * 7_919 % 1_693 }

    /// `id|title|release|video|address|unknown|Action|…|Western`, in Latin-1.
    private static func films(_ folder: String) throws -> [Wire.Item] {
        let bytes = try TextFile.contents(of: TextFile.find("u.item", in: folder))
        return bytes.split(separator: 0x0A).compactMap { line in
            let text = String(String.UnicodeScalarView(line.map { Unicode.Scalar($0) }))
            let fields = text.split(separator: "|", omittingEmptySubsequences: false)
            guard fields.count == 5 + genreCount else { return nil }
            return Wire.Item(
                id: String(fields[0]),
                name: String(fields[1]),
                features: [
                    Wire.FeatureVector(
                        name: "genres",
                        values: fields.suffix(genreCount).map { $0 == "1" ? 1 : 0 }
                    )
                ]
            )
        }
    }
}
