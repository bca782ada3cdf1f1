/// Lists of whole numbers, one a line: `user item item …`, all in two arrays.
package struct IntegerLists: Hashable, Sendable {
    /// The first number of each line.
    package private(set) var keys: [Int32] = []
    /// Where each line's other numbers begin in `values`; count = keys.count + 1.
    package private(set) var offsets: [Int] = [0]
    package private(set) var values: [Int32] = []

    package init() {}

    /// Reads a file of such lines, decompressed where needed. Blank lines are passed over.
    ///
    /// - Throws: an error naming the line for anything but blanks and numbers in 0...2³¹ − 1.
    package static func read(_ path: String) throws(DataFileError) -> IntegerLists {
        try parse(try TextFile.contents(of: path), path: path)
    }

    /// The same from bytes; `path` only names them in errors.
    package static func parse(_ bytes: [UInt8], path: String) throws(DataFileError) -> IntegerLists
    {
        var lists = IntegerLists()
        guard let bad = lists.fill(bytes.span) else { return lists }
        throw DataFileError(
            .badValue,
            path: path,
            lineNumber: bad,
            problem: "holds something other than whole numbers up to 2147483647",
            remedy: "write each line as: user item item …"
        )
    }

    /// The values of line `index`.
    package func values(_ index: Int) -> ArraySlice<Int32> {
        values[offsets[index]..<offsets[index + 1]]
    }

    /// Returns the number of the first line that is not a list, nil if all are.
    private mutating func fill(_ bytes: Span<UInt8>) -> Int? {
        var line = 1
        var number = -1  // −1 between numbers
        var hasKey = false
        for index in 0...bytes.count {
            let byte = index < bytes.count ? bytes[index] : 0x0A
            if byte >= 0x30, byte <= 0x39 {
                number = max(number, 0) * 10 + Int(byte &- 0x30)
                if number > Int(Int32.max) { return line }
                continue
            }
            if number >= 0 {
                if hasKey { values.append(Int32(number)) } else { keys.append(Int32(number)) }
                hasKey = true
                number = -1
            }
            switch byte {
            case 0x0A:
                if hasKey { offsets.append(values.count) }
                hasKey = false
                line += 1
            case 0x20, 0x09, 0x0D: break
            default: return line
            }
        }
        return nil
    }
}
