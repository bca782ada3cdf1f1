package import Events

extension Event {
    /// The domain's event; strings, instants and offsets are as received, for `EventLimits` to judge.
    ///
    /// `recommendationId` has no place in the domain: it stays in the log, for measuring.
    ///
    /// - Throws: `invalidValue` for coordinates that are no place, as "place.latitude".
    package init(_ wire: Wire.Event) throws(MessageError) {
        self.init(
            id: wire.id,
            user: wire.user,
            item: wire.item,
            action: wire.action,
            instant: Instant(millisecondsSinceEpoch: wire.instantMs),
            utcOffsetMinutes: Int(wire.utcOffsetMinutes),
            place: try wire.place.converted(),
            context: wire.context.map(Context.init) ?? Context(),
            value: wire.value?.amount,
            queryText: wire.queryText
        )
    }
}

extension Wire.Event {
    /// The message of an event. A context without any word in it is left out.
    ///
    /// - Parameter recommendationId: the answer that led to the event; the domain's event has none.
    package init(_ event: Events.Event, recommendationId: String = "") {
        self.init(
            id: event.id,
            user: event.user,
            item: event.item,
            action: event.action,
            instantMs: event.instant.millisecondsSinceEpoch,
            utcOffsetMinutes: Int32(clamping: event.utcOffsetMinutes),
            place: event.place.map(Wire.Place.init),
            context: event.context == Events.Context() ? nil : Wire.Context(event.context),
            value: event.value.map { Wire.Value(amount: $0) },
            queryText: event.queryText,
            recommendationId: recommendationId
        )
    }
}

extension Context {
    package init(_ wire: Wire.Context) {
        self.init(
            platform: wire.platform,
            device: wire.device,
            session: wire.session,
            tags: wire.tags
        )
    }
}

extension Wire.Context {
    package init(_ context: Events.Context) {
        self.init(
            platform: context.platform,
            device: context.device,
            session: context.session,
            tags: context.tags
        )
    }
}
