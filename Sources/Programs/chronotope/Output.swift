import ArgumentParser
import CommandLineTools
import Foundation

/// How a command prints its result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}

/// The `-o` option that every command takes.
struct OutputOptions: ParsableArguments {
    @Option(name: [.customShort("o"), .long], help: "How to print the result: table or json.")
    var output = OutputFormat.table
}

/// A JSON value. Objects print with sorted keys, numbers in the shortest form that reads back.
enum JSONValue: Encodable {
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }

    /// Prints the value and a line feed on standard output.
    func print() throws { try print([.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) }

    /// The same on one line.
    func printLine() throws { try print([.sortedKeys, .withoutEscapingSlashes]) }

    private func print(_ formatting: JSONEncoder.OutputFormatting) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        FileHandle.standardOutput.write(try encoder.encode(self) + Data("\n".utf8))
    }
}

/// Columns padded to the width of their widest cell.
struct TextTable {
    private var rows: [[String]] = []

    mutating func add(_ cells: String...) { rows.append(cells) }
    mutating func add(cells: [String]) { rows.append(cells) }

    /// The first column is set left, all others right.
    func print() {
        for line in Columns.lines(rows, [.left, .right]) { Swift.print(line) }
    }
}
