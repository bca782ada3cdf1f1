/// One JSON object (RFC 8259) taken apart into `path → value` pairs, in one pass over its bytes.
///
/// Nested objects give paths joined by dots; lists of plain values are joined by `|`; `null` is an
/// empty value. Numbers keep the digits they were written with.
struct JSONLine {
    /// Deeper nesting is refused: our own recursion would follow it down.
    static let maxDepth = 16
    static let listSeparator = UInt8(ascii: "|")

    struct Fault: Error, Hashable {
        /// Where in the line it does not go on as JSON.
        var position: Int
    }

    private let bytes: [UInt8]
    private var position = 0
    private(set) var paths: [[UInt8]] = []
    private(set) var values: [Range<Int>] = []
    /// All values, decoded, one after another.
    private(set) var text: [UInt8] = []

    init(_ bytes: [UInt8]) throws(Fault) {
        self.bytes = bytes
        skipBlanks()
        try readObject(prefix: [], depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw Fault(position: position) }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A {
            position += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        skipBlanks()
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Fault) {
        guard take(character) else { throw Fault(position: position) }
    }

    private mutating func readObject(prefix: [UInt8], depth: Int) throws(Fault) {
        guard depth < Self.maxDepth else { throw Fault(position: position) }
        try expect("{")
        if take("}") { return }
        repeat {
            var path = prefix
            if !path.isEmpty { path.append(UInt8(ascii: ".")) }
            path += try readString()
            skipBlanks()
            try expect(":")
            try readMember(path, depth: depth)
            skipBlanks()
        } while take(",")
        try expect("}")
    }

    private mutating func readMember(_ path: [UInt8], depth: Int) throws(Fault) {
        switch current {
        case UInt8(ascii: "{"): try readObject(prefix: path, depth: depth + 1)
        case UInt8(ascii: "["):
            let start = text.count
            try readList(depth: depth + 1)
            paths.append(path)
            values.append(start..<text.count)
        default:
            let start = text.count
            try readScalar()
            paths.append(path)
            values.append(start..<text.count)
        }
    }

    /// Plain entries go to `text`; objects and lists inside are checked and left out.
    private mutating func readList(depth: Int) throws(Fault) {
        guard depth < Self.maxDepth else { throw Fault(position: position) }
        try expect("[")
        if take("]") { return }
        var isFirst = true
        repeat {
            let kept = text.count
            if current == UInt8(ascii: "{") || current == UInt8(ascii: "[") {
                let known = paths.count
                if current == UInt8(ascii: "{") {
                    try readObject(prefix: [], depth: depth + 1)
                } else {
                    try readList(depth: depth + 1)
                }
                paths.removeSubrange(known...)
                values.removeSubrange(known...)
                text.removeSubrange(kept...)
            } else {
                if !isFirst { text.append(Self.listSeparator) }
                try readScalar()
                isFirst = false
            }
            skipBlanks()
        } while take(",")
        try expect("]")
    }

    private mutating func readScalar() throws(Fault) {
        switch current {
        case UInt8(ascii: "\""): text += try readString()
        case UInt8(ascii: "t"): try readWord("true", keeps: true)
        case UInt8(ascii: "f"): try readWord("false", keeps: true)
        case UInt8(ascii: "n"): try readWord("null", keeps: false)
        default: try readNumber()
        }
    }

    private mutating func readWord(_ word: StaticString, keeps: Bool) throws(Fault) {
        let expected = Array(word.description.utf8)
        guard bytes[position...].starts(with: expected) else { throw Fault(position: position) }
        position += expected.count
        if keeps { text.append(contentsOf: expected) }
    }

    private mutating func readNumber() throws(Fault) {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        let leading = current
        guard readDigits() > 0 else { throw Fault(position: position) }
        let wholeDigits = position - start - (bytes[start] == UInt8(ascii: "-") ? 1 : 0)
        guard leading != 0x30 || wholeDigits == 1 else { throw Fault(position: start) }
        if current == UInt8(ascii: ".") {
            position += 1
            guard readDigits() > 0 else { throw Fault(position: position) }
        }
        if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard readDigits() > 0 else { throw Fault(position: position) }
        }
        text.append(contentsOf: bytes[start..<position])
    }

    private mutating func readDigits() -> Int {
        let start = position
        while let byte = current, byte >= 0x30, byte <= 0x39 { position += 1 }
        return position - start
    }

    private mutating func readString() throws(Fault) -> ArraySlice<UInt8> {
        guard current == UInt8(ascii: "\"") else { throw Fault(position: position) }
        position += 1
        let start = position
        var decoded: ArraySlice<UInt8>?  // nil as long as the string is as it is written
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return decoded ?? bytes[start..<(position - 1)]
            case UInt8(ascii: "\\"):
                var target = decoded ?? bytes[start..<(position - 1)]
                try readEscape(into: &target)
                decoded = target
            case 0..<0x20: throw Fault(position: position - 1)
            default: decoded?.append(byte)
            }
        }
        throw Fault(position: position)
    }

    private mutating func readEscape(into target: inout ArraySlice<UInt8>) throws(Fault) {
        guard let byte = current else { throw Fault(position: position) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): target.append(byte)
        case UInt8(ascii: "b"): target.append(0x08)
        case UInt8(ascii: "f"): target.append(0x0C)
        case UInt8(ascii: "n"): target.append(0x0A)
        case UInt8(ascii: "r"): target.append(0x0D)
        case UInt8(ascii: "t"): target.append(0x09)
        case UInt8(ascii: "u"): try readUnicode(into: &target)
        default: throw Fault(position: position - 1)
        }
    }

    private mutating func readUnicode(into target: inout ArraySlice<UInt8>) throws(Fault) {
        var value = try readHex()
        if value >> 10 == 0b110110 {  // the first half of a surrogate pair
            guard current == UInt8(ascii: "\\") else { throw Fault(position: position) }
            position += 1
            guard current == UInt8(ascii: "u") else { throw Fault(position: position) }
            position += 1
            let low = try readHex()
            guard low >> 10 == 0b110111 else { throw Fault(position: position) }
            value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
        }
        guard let scalar = Unicode.Scalar(value) else { throw Fault(position: position) }
        target.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    }

    private mutating func readHex() throws(Fault) -> UInt32 {
        guard position + 4 <= bytes.count else { throw Fault(position: bytes.count) }
        var value: UInt32 = 0
        for byte in bytes[position..<(position + 4)] {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw Fault(position: position)
            }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }
}
