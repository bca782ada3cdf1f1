import Foundation
import Glibc
package import Logging
import Synchronization

/// Writes log lines to stderr: JSON where a machine reads, text on a terminal.
package struct StandardErrorLog: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let isJSON: Bool

    /// Keeps lines of two threads apart; held for one write.
    private static let turn = Mutex<Void>(())

    private init(label: String, level: Logger.Level, isJSON: Bool) {
        self.label = label
        logLevel = level
        self.isJSON = isJSON
    }

    /// Sets this log for the whole process; once, before the first logger is made.
    package static func install(level: String, format: LogFormat) {
        let level = Logger.Level(rawValue: level) ?? .info
        let isJSON =
            switch format {
            case .auto: isatty(STDERR_FILENO) == 0
            case .json: true
            case .text: false
            }
        LoggingSystem.bootstrap { label in
            StandardErrorLog(label: label, level: level, isJSON: isJSON)
        }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        fields.merge(metadataProvider?.get() ?? [:]) { _, new in new }
        fields.merge(event.metadata ?? [:]) { _, new in new }
        if let error = event.error { fields["error"] = "\(error)" }
        let line = LogLine(
            secondsSinceEpoch: Date().timeIntervalSince1970,
            level: event.level,
            label: label,
            message: event.message.description,
            metadata: fields
        )
        Self.write((isJSON ? line.json() : line.text()) + "\n")
    }

    /// A closed or full stderr loses the line; there is nowhere else to say so.
    private static func write(_ line: String) {
        turn.withLock { _ in
            try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        }
    }
}
