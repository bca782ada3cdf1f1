extension [UInt8] {
    func load16(at index: Int) -> UInt16 {
        UInt16(self[index]) | UInt16(self[index + 1]) << 8
    }

    func load32(at index: Int) -> UInt32 {
        UInt32(load16(at: index)) | UInt32(load16(at: index + 2)) << 16
    }

    func load64(at index: Int) -> UInt64 {
        UInt64(load32(at: index)) | UInt64(load32(at: index + 4)) << 32
    }

    mutating func store(_ value: some FixedWidthInteger, at index: Int) {
        var rest = value
        for byte in 0..<(type(of: value).bitWidth / 8) {
            self[index + byte] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
    }

    /// The position after the last byte that is not zero in `range`, or its start.
    func endOfNonZero(in range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound && self[end - 1] == 0 { end -= 1 }
        return end
    }
}

/// The next multiple of 8: batches begin there, so that a search for them takes few steps.
func alignedUp(_ count: Int) -> Int { (count + 7) & ~7 }
