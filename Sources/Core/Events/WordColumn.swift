/// A word for each row or user, by index into a vocabulary.
package struct WordColumn: Sendable {
    package var words: Vocabulary
    /// Shape [rows] or [users]; −1 where nothing is known.
    package var indices: [Int32]

    package init(words: Vocabulary, indices: [Int32]) {
        self.words = words
        self.indices = indices
    }
}
