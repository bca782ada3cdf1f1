extension Cell {
    /// S2's token: the id in hexadecimal without its trailing zeros.
    package var token: String {
        let digits = String(id, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        let trimmed = String(padded.reversed().drop { $0 == "0" }.reversed())
        return trimmed.isEmpty ? "X" : trimmed
    }

    /// Reads a token; nil where it names no cell.
    package init?(token: String) {
        guard
            (1...16).contains(token.utf8.count),
            let id = UInt64(
                token + String(repeating: "0", count: 16 - token.utf8.count),
                radix: 16
            ),
            id != 0, id.trailingZeroBitCount % 2 == 0, id >> 61 < 6
        else { return nil }
        self.init(id: id)
    }
}
