/// One bit an item, in words of 64: the form in which the top-k scan takes a filter.
package struct ItemMask: Hashable, Sendable {
    /// Bit i of the mask is bit i % 64 of word i / 64; bits past `count` are zero.
    package private(set) var words: [UInt64]
    package private(set) var count: Int

    /// Over no items.
    package init() {
        words = []
        count = 0
    }

    /// All items alike.
    package init(repeating bit: Bool, count: Int) {
        words = Array(repeating: bit ? ~0 : 0, count: (count + 63) / 64)
        self.count = count
        if bit, count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
    }

    /// Bit i is bit indices[i] of `other`, in which all of them must lie.
    package init(gathering indices: [Int32], of other: ItemMask) {
        count = indices.count
        words = Array(repeating: 0, count: (count + 63) / 64)
        let source = other.words
        for word in words.indices {
            var bits: UInt64 = 0
            for item in word * 64..<min(count, word * 64 + 64) {
                let index = Int(indices[item])
                bits |= (source[index >> 6] >> UInt64(index & 63) & 1) << UInt64(item & 63)
            }
            words[word] = bits
        }
    }

    /// The same; quicker where few bits of `other` are cleared, or few are set.
    ///
    /// - Parameter inverse: index of `other` → the bit of this mask that `indices` gather it to, −1 for
    ///   none; shorter than `other` where none of the rest is gathered.
    package init(gathering indices: [Int32], inverse: [Int32], of other: ItemMask) {
        let population = other.population
        let isMostlySet = population * 2 > other.count
        guard min(population, other.count - population) * 16 < indices.count else {
            self.init(gathering: indices, of: other)
            return
        }
        self.init(repeating: isMostlySet, count: indices.count)
        for (word, bits) in other.words.enumerated() {
            var rare = isMostlySet ? ~bits : bits
            while rare != 0 {
                let index = word * 64 + rare.trailingZeroBitCount
                rare &= rare - 1
                guard index < min(other.count, inverse.count) else { break }
                if inverse[index] >= 0 { self[inverse[index]] = !isMostlySet }
            }
        }
    }

    /// The bit of one item; `index` must lie in 0..<count.
    package subscript(index: Int32) -> Bool {
        get { words[Int(index) / 64] >> UInt64(index % 64) & 1 == 1 }
        set {
            let bit: UInt64 = 1 << UInt64(index % 64)
            if newValue { words[Int(index) / 64] |= bit } else { words[Int(index) / 64] &= ~bit }
        }
    }

    /// Adds one item at the end.
    package mutating func append(_ bit: Bool) {
        if count % 64 == 0 { words.append(0) }
        count += 1
        self[Int32(count - 1)] = bit
    }

    /// How many bits are set.
    package var population: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
