/// The table of settings, and the names that follow from it.
package struct ConfigurationSchema: Sendable {
    package static let environmentPrefix = "CHRONOTOPE_"

    /// Variables with our prefix that belong to other programs of this package: the command line's
    /// address, and the switches of the build and of the tests.
    package static let foreignEnvironment: Set<String> = [
        "CHRONOTOPE_ADDRESS", "CHRONOTOPE_ONLY", "CHRONOTOPE_SHARED",
    ]

    /// In the order of help and tables.
    package let options: [ConfigurationOption]
    private let byName: [String: Int]
    private let byEnvironmentName: [String: Int]

    /// - Precondition: names are unique.
    package init(_ options: [ConfigurationOption]) {
        self.options = options
        byName = Dictionary(
            uniqueKeysWithValues: options.enumerated().map { ($0.element.name, $0.offset) }
        )
        byEnvironmentName = Dictionary(
            uniqueKeysWithValues: options.enumerated().map {
                ($0.element.environmentName, $0.offset)
            }
        )
    }

    package func option(named name: String) -> ConfigurationOption? {
        byName[name].map { options[$0] }
    }

    package func option(environmentName name: String) -> ConfigurationOption? {
        byEnvironmentName[name].map { options[$0] }
    }

    /// "did you mean --threads?" or where to find the list.
    func hint(for unknown: String, among known: [String]) -> String {
        guard let nearest = NearestKey.nearest(to: unknown, among: known) else {
            return "see chronotoped --help for the known ones"
        }
        return "did you mean \(nearest)?"
    }
}
