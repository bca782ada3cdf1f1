package import Events

// Words become numbers. The ordinal encoding is `Vocabulary`: a word's index, −1 for an unknown one.

/// One column a word of the training slice, and a last one for all others.
package struct OneHotEncoder: Hashable, Sendable {
    package let words: Vocabulary

    package init(words: Vocabulary) { self.words = words }

    /// - Parameters:
    ///   - words: of every row of the training slice, repeats and all.
    ///   - maxCount: so many of the most frequent words have columns of their own, of equally
    ///     frequent ones those first in UTF-8. At least 1.
    package init(_ words: some Sequence<String>, maxCount: Int) {
        precondition(maxCount >= 1, "one-hot encoding of \(maxCount) words")
        var counts: [String: Int] = [:]
        for word in words { counts[word, default: 0] += 1 }
        let ranked = counts.sorted { left, right in
            left.value != right.value
                ? left.value > right.value
                : left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
        }
        self.words = Vocabulary(ranked.prefix(maxCount).map(\.key))
    }

    package var columnCount: Int { words.count + 1 }
    package var unknownColumn: Int { words.count }

    /// The columns that hold 1 for a row: each word's, the unknown one for a word without a column
    /// and for a row without words.
    package func columns(of words: [String]) -> [Int] {
        words.isEmpty
            ? [unknownColumn]
            : words.map { self.words.index(of: $0).map(Int.init) ?? unknownColumn }
    }
}

/// Signed feature hashing: any number of words in a fixed number of columns, nothing to learn.
///
/// Weinberger et al. 2009, "Feature hashing for large scale multitask learning": a word adds ξ = ±1
/// to column h mod `width`; signs make collisions cancel on average. h is FNV-1a of 64 bits (Fowler,
/// Noll, Vo) over `salt`, a zero byte and the word in UTF-8, its bits mixed by the finalizer of
/// MurmurHash3 (Appleby); ξ is −1 where the highest bit of h is set. Never changes: it is stored in
/// trained models.
package struct HashingEncoder: Hashable, Sendable {
    /// Columns, at least 1.
    package let width: Int
    /// The column's name: the same word in two columns then falls in different places.
    package let salt: String

    package init(width: Int, salt: String) {
        precondition(width >= 1, "hashing into \(width) columns")
        self.width = width
        self.salt = salt
    }

    /// What a row's words add, word by word: `sign` to the number of `column`.
    package func entries(of words: [String]) -> [(column: Int, sign: Double)] {
        words.map { word in
            let hash = Self.hash(salt: salt, word)
            return (Int(hash % UInt64(width)), hash >> 63 == 1 ? -1 : 1)
        }
    }

    package static func hash(salt: String, _ word: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        salt.utf8.forEach(mix)
        mix(0)
        word.utf8.forEach(mix)
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }
}
