package import Events

extension Item {
    /// - Throws: `invalidValue` for coordinates that are no place, as "place.latitude".
    package init(_ wire: Wire.Item) throws(MessageError) {
        self.init(
            id: wire.id,
            name: wire.name,
            category: wire.category,
            place: try wire.place.converted(),
            tags: wire.tags,
            isHidden: wire.isHidden,
            features: wire.features.map { FeatureVector(name: $0.name, values: $0.values) },
            expiry: wire.expiresMs == 0 ? nil : Instant(millisecondsSinceEpoch: wire.expiresMs)
        )
    }
}

extension Wire.Item {
    package init(_ item: Events.Item) {
        self.init(
            id: item.id,
            name: item.name,
            category: item.category,
            place: item.place.map(Wire.Place.init),
            tags: item.tags,
            isHidden: item.isHidden,
            features: item.features.map { Wire.FeatureVector(name: $0.name, values: $0.values) },
            expiresMs: item.expiry?.millisecondsSinceEpoch ?? 0
        )
    }
}
