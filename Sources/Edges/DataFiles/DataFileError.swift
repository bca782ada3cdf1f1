/// Why a file could not be read: a code to branch on, then where, what and how to mend it.
package struct DataFileError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        case notFound
        /// The operating system refused to open or read.
        case io
        /// A compressed file that ends before its data does.
        case truncated
        /// A compressed file whose bytes are not what was written.
        case corrupt
        /// Larger, once decompressed, than the reader allows.
        case tooLarge
        /// No bytes at all.
        case empty
        /// Not text in UTF-8, or a compression that we do not know.
        case wrongFormat
        /// A column that the import cannot do without.
        case missingColumns
        /// A mapping file that names what does not exist.
        case badMapping
        /// A value that a data set's format does not allow.
        case badValue
    }

    package var code: Code
    package var path: String
    /// The byte in the file as it lies on the disk, where one place is to blame.
    package var byteOffset: Int?
    /// The line of the decoded text, from 1, where one line is to blame.
    package var lineNumber: Int?
    package var problem: String
    package var remedy: String

    package init(
        _ code: Code,
        path: String,
        byteOffset: Int? = nil,
        lineNumber: Int? = nil,
        problem: String,
        remedy: String
    ) {
        self.code = code
        self.path = path
        self.byteOffset = byteOffset
        self.lineNumber = lineNumber
        self.problem = problem
        self.remedy = remedy
    }
}

extension DataFileError: CustomStringConvertible {
    package var description: String {
        var place = path
        if let byteOffset { place += ", byte \(byteOffset)" }
        if let lineNumber { place += ", line \(lineNumber)" }
        return "\(place): \(problem); \(remedy)"
    }
}
