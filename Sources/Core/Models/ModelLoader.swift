/// Finds the family that an archive names.
package enum ModelLoader {
    /// Every family of this release, in the order in which they are listed for people.
    package static let families: [any RecommenderModel.Type] = [
        ChronotopeModel.self, SpectralModel.self, LightGCNModel.self, GCNModel.self,
    ]

    package static var familyNames: [String] { families.map { $0.family } }

    /// Rebuilds the archived model. Throws `.unknownFamily` with the known ones.
    package static func load(
        _ archive: ModelArchive
    ) throws(ModelError) -> any RecommenderModel {
        guard let family = families.first(where: { $0.family == archive.family }) else {
            throw ModelError(
                code: .unknownFamily,
                place: archive.family,
                problem: "this release has no family '\(archive.family)'",
                remedy: "use one of \(familyNames.joined(separator: ", ")), or a newer release"
            )
        }
        return try family.load(archive)
    }
}
