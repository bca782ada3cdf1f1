package import Events

/// One word for the circumstances of each row: the event's platform, or its device where it names no
/// platform. Sessions are no circumstances, and tags are many.
package struct ContextColumn: Sendable {
    package let words: Vocabulary
    /// Shape [rows], into `words`; −1 where the event says neither.
    package let indices: [Int32]

    /// nil where no event says anything.
    ///
    /// - Parameter events: in the order of the rows.
    init?(_ events: [Event]) {
        let words = Vocabulary(events.lazy.compactMap(Self.word(of:)))
        guard words.count > 0 else { return nil }
        self.words = words
        indices = events.map { event in Self.word(of: event).flatMap(words.index) ?? -1 }
    }

    private static func word(of event: Event) -> String? {
        let word = event.context.platform.isEmpty ? event.context.device : event.context.platform
        return word.isEmpty ? nil : word
    }
}
