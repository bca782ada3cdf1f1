/// One record of a CSV file. Fields keep their bytes; text is made only where it is asked for.
package struct CSVRow: Sendable {
    /// From 1, the header not counted.
    package internal(set) var rowNumber = 0
    /// From 1, where the record begins.
    package internal(set) var lineNumber = 0
    /// Where the record begins in the decoded text.
    package internal(set) var byteOffset = 0
    /// All fields, unquoted, one after another.
    package internal(set) var bytes: [UInt8] = []
    /// Where each field ends in `bytes`.
    package internal(set) var ends: [Int] = []

    package init() {}

    package var count: Int { ends.count }

    /// The field's place in `bytes`.
    package func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// The field's bytes, without copying.
    package func field(_ index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

    /// The field as text; bytes that are not UTF-8 become U+FFFD.
    package subscript(_ index: Int) -> String {
        String(decoding: field(index), as: UTF8.self)
    }

    /// All fields as text.
    package var fields: [String] { (0..<count).map { self[$0] } }

    /// The field as a decimal integer; nil for anything else.
    package func integer(_ index: Int) -> Int? { DecimalText.integer(field(index)) }

    /// The field as a finite number; nil for anything else.
    package func number(_ index: Int) -> Double? { DecimalText.number(field(index)) }
}

/// Numbers out of bytes.
package enum DecimalText {
    /// An optional sign and up to 18 digits, nothing else.
    package static func integer(_ text: ArraySlice<UInt8>) -> Int? {
        let isSigned = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+")
        let digits = isSigned ? text.dropFirst() : text
        guard (1...18).contains(digits.count) else { return nil }
        var value = 0
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte &- 0x30)
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    /// A finite decimal number, as `-74.0025` or `1e-3`.
    package static func number(_ text: ArraySlice<UInt8>) -> Double? {
        let isPlain = text.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        guard isPlain, let value = Double(String(decoding: text, as: UTF8.self)) else { return nil }
        return value.isFinite ? value : nil
    }
}
