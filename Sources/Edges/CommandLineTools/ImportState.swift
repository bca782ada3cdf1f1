package import DataFiles
internal import Foundation

/// Where an import stands; kept after each acknowledged batch.
///
/// It saves time only: a batch that is sent twice bears the same producer and number, by which the
/// server knows it.
package struct ImportState: Codable, Equatable, Sendable {
    /// 32 hexadecimal digits, made of the file's content, the mapping and the batch size: the same
    /// import has the same producer anywhere and any time.
    package var producer: String
    package var address: String
    /// The number of the next batch.
    package var sequence: UInt64 = 1
    package var position = ImportPosition()
    package var totals = Totals()

    package struct Totals: Codable, Equatable, Sendable {
        package var rows = 0
        package var accepted = 0
        package var duplicates = 0
        package var items = 0
        package var refusedByRule: [String: Int] = [:]
        /// The newest event: milliseconds since 1970 UTC, and minutes east of Greenwich.
        package var newestMilliseconds: Int64 = 0
        package var newestOffsetMinutes = 0

        package init() {}

        package var refused: Int { refusedByRule.values.reduce(0, +) }

        package mutating func saw(instantMilliseconds: Int64, utcOffsetMinutes: Int) {
            guard instantMilliseconds >= newestMilliseconds else { return }
            newestMilliseconds = instantMilliseconds
            newestOffsetMinutes = utcOffsetMinutes
        }
    }

    package init(producer: String, address: String) {
        self.producer = producer
        self.address = address
    }

    /// The state of this import at this server; nil where `json` is another's, or no state.
    package init?(json: [UInt8], producer: String, address: String) {
        guard
            let state = try? JSONDecoder().decode(ImportState.self, from: Data(json)),
            state.producer == producer, state.address == address, state.sequence > 0
        else { return nil }
        self = state
    }

    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(self))
    }
}
