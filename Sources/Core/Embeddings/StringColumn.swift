/// Strings as two tensors: "<name>.bytes" (U8, all UTF-8 in a row) and "<name>.offsets" (I64, one
/// more than there are strings; string i is bytes offsets[i]..<offsets[i + 1]).
package struct StringColumn: Hashable, Sendable {
    package let name: String
    package let strings: [String]

    package init(_ name: String, _ strings: [String]) {
        self.name = name
        self.strings = strings
    }

    /// Reads the column back. Refuses offsets that leave the bytes or fall, and bytes that are no
    /// UTF-8.
    package init(_ name: String, from tensors: [Tensor]) throws(TensorError) {
        let bytes = try tensors.tensor("\(name).bytes", .uint8, shape: [nil])
        let offsets = try tensors.tensor("\(name).offsets", .int64, shape: [nil])
        self.init(name, try Self.cut(bytes, at: offsets.int64s(), name: offsets.name))
    }

    package var tensors: [Tensor] {
        var bytes: [UInt8] = []
        var offsets: [Int64] = [0]
        offsets.reserveCapacity(strings.count + 1)
        for string in strings {
            bytes.append(contentsOf: string.utf8)
            offsets.append(Int64(bytes.count))
        }
        return [
            Tensor("\(name).bytes", shape: [bytes.count], bytes: bytes),
            Tensor("\(name).offsets", shape: [offsets.count], int64s: offsets),
        ]
    }

    private static func cut(
        _ tensor: Tensor,
        at offsets: [Int64],
        name: String
    ) throws(TensorError) -> [String] {
        let bytes = tensor.bytes()
        let span = bytes.span
        guard offsets.first == 0, offsets.last == Int64(bytes.count) else {
            throw TensorError(
                code: .badContent,
                place: name,
                problem: "offsets do not span the \(bytes.count) bytes"
            )
        }
        var strings: [String] = []
        strings.reserveCapacity(offsets.count - 1)
        for index in 1..<max(1, offsets.count) {
            let (start, end) = (offsets[index - 1], offsets[index])
            guard 0 <= start, start <= end, end <= Int64(bytes.count),
                let text = try? UTF8Span(validating: span.extracting(Int(start)..<Int(end)))
            else {
                throw TensorError(
                    code: .badContent,
                    place: name,
                    problem: "entry \(index - 1), bytes \(start)..<\(end), is no UTF-8 string"
                )
            }
            strings.append(String(copying: text))
        }
        return strings
    }
}
