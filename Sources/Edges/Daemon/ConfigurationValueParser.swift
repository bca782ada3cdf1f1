package import Configuration

/// A value that its option refuses: what is wrong, and what would be right.
package struct ValueProblem: Error, Sendable, Equatable {
    package let problem: String
    package let remedy: String
}

extension ConfigurationOption {
    /// Reads the notation that flags and the environment share.
    package func parse(_ text: String) throws(ValueProblem) -> ConfigContent {
        switch kind {
        case .integer:
            guard let number = Int(text) else {
                throw ValueProblem(problem: "\"\(text)\" is no whole number", remedy: expectation)
            }
            return try check(.int(number))
        case .addresses:
            let parts = text.split(separator: ",").map { $0.trimmed }
            return try check(.stringArray(parts))
        case .text, .path, .choice, .tenant, .address, .hostPort, .shards:
            return try check(.string(text))
        }
    }

    /// Checks a value that has its type already: from `parse`, or from the file.
    package func check(_ content: ConfigContent) throws(ValueProblem) -> ConfigContent {
        let isValid =
            switch (kind, content) {
            case (.integer(let range), .int(let number)): range.contains(number)
            case (.addresses, .stringArray(let list)):
                !list.isEmpty && list.allSatisfy(ServiceAddress.isValid)
            case (.text, .string), (.path, .string): true
            case (.choice(let names), .string(let text)): names.contains(text)
            case (.tenant, .string(let text)): TenantID(text) != nil
            case (.address, .string(let text)): ServiceAddress.isValid(text)
            case (.hostPort, .string(let text)): text == "off" || HostPort(text) != nil
            case (.shards, .string(let text)): ShardSelection(text) != nil
            default: false
            }
        guard isValid else {
            throw ValueProblem(problem: "\(content.text) is not accepted", remedy: expectation)
        }
        return content
    }

    /// What the option takes, as a remedy.
    var expectation: String {
        switch kind {
        case .text: "give a text"
        case .path: "give a path"
        case .integer(let range):
            "give a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let names): "give one of \(names.joined(separator: ", "))"
        case .tenant: "give 1 to \(TenantID.maxByteCount) of a-z, 0-9 and -"
        case .address: "give tcp://HOST:PORT or ipc:///PATH"
        case .addresses: "give tcp://HOST:PORT or ipc:///PATH, several with commas"
        case .hostPort: "give HOST:PORT with a numeric host (127.0.0.1:7400, [::1]:7400), or off"
        case .shards: "give ranges within 0-\(ShardSelection.shardCount - 1), such as 0-31,48-63"
        }
    }
}

extension ConfigContent {
    /// The notation of flags and the environment.
    package var text: String {
        switch self {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .stringArray(let list): list.joined(separator: ",")
        case .intArray(let list): list.map { "\($0)" }.joined(separator: ",")
        case .doubleArray(let list): list.map { "\($0)" }.joined(separator: ",")
        case .boolArray(let list): list.map { "\($0)" }.joined(separator: ",")
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .byteChunkArray(let chunks): "\(chunks.count) chunks of bytes"
        }
    }
}

extension Substring {
    /// Without spaces at both ends.
    var trimmed: String {
        let start = drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
        return String(start[...last])
    }
}
