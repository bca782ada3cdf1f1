internal import Events

extension WordColumn {
    /// One word for the circumstances of each row: the event's platform, or its device where it names
    /// no platform. Sessions are no circumstances, and tags are many. nil where no event says anything.
    ///
    /// - Parameter events: in the order of the rows.
    init?(contextsOf events: [Event]) {
        let words = Vocabulary(events.lazy.compactMap(Self.context))
        guard words.count > 0 else { return nil }
        self.init(
            words: words,
            indices: events.map { event in Self.context(of: event).flatMap(words.index) ?? -1 }
        )
    }

    private static func context(of event: Event) -> String? {
        let word = event.context.platform.isEmpty ? event.context.device : event.context.platform
        return word.isEmpty ? nil : word
    }
}
