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
    private let writer: LogWriter

    /// The writer of the process, for `flush`.
    private static let installed = Mutex<LogWriter?>(nil)

    private init(label: String, level: Logger.Level, isJSON: Bool, writer: LogWriter) {
        self.label = label
        logLevel = level
        self.isJSON = isJSON
        self.writer = writer
    }

    /// Sets this log for the whole process; once, before the first logger is made.
    ///
    /// - Parameter onDrop: called for each line lost because stderr was not read in time.
    package static func install(
        level: String,
        format: LogFormat,
        onDrop: @escaping @Sendable () -> Void
    ) {
        let level = Logger.Level(rawValue: level) ?? .info
        let isJSON =
            switch format {
            case .auto: isatty(STDERR_FILENO) == 0
            case .json: true
            case .text: false
            }
        let writer = LogWriter(
            to: .standardError,
            notice: { text(of: droppedLine(count: $0), isJSON: isJSON) },
            onDrop: onDrop
        )
        installed.withLock { $0 = writer }
        LoggingSystem.bootstrap { label in
            StandardErrorLog(label: label, level: level, isJSON: isJSON, writer: writer)
        }
    }

    /// Waits for the lines so far to be written, for a moment: before the process ends.
    package static func flush() {
        installed.withLock { $0 }?.flush(withinSeconds: flushSeconds)
    }

    /// A reader that takes nothing must not hold up the end either.
    private static let flushSeconds = 0.5

    private static func droppedLine(count: Int) -> LogLine {
        LogLine(
            secondsSinceEpoch: Date().timeIntervalSince1970,
            level: .warning,
            label: "chronotoped",
            message: "log lines were dropped",
            metadata: ["count": .stringConvertible(count)]
        )
    }

    private static func text(of line: LogLine, isJSON: Bool) -> String {
        (isJSON ? line.json() : line.text()) + "\n"
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
        writer.write(Self.text(of: line, isJSON: isJSON))
    }
}
