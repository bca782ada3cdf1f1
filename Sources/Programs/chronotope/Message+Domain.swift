import Client
import Events

extension Chronotope_V1_Event {
    init(_ event: Event) {
        self.init()
        id = event.id
        user = event.user
        item = event.item
        action = event.action
        instantMs = event.instant.millisecondsSinceEpoch
        utcOffsetMinutes = Int32(event.utcOffsetMinutes)
        if let place = event.place { self.place = Chronotope_V1_Place(place) }
        if event.context != Context() { context = Chronotope_V1_Context(event.context) }
        if let value = event.value { self.value.amount = value }
        queryText = event.queryText
    }
}

extension Chronotope_V1_Item {
    init(_ item: Item) {
        self.init()
        id = item.id
        name = item.name
        category = item.category
        if let place = item.place { self.place = Chronotope_V1_Place(place) }
        tags = item.tags
        isHidden = item.isHidden
        features = item.features.map(Chronotope_V1_FeatureVector.init)
        expiresMs = item.expiry?.millisecondsSinceEpoch ?? 0
    }
}

extension Chronotope_V1_FeatureVector {
    init(_ vector: FeatureVector) {
        self.init()
        name = vector.name
        values = vector.values
    }
}

extension Chronotope_V1_Place {
    init(_ place: Place) {
        self.init()
        latitude = place.latitudeDegrees
        longitude = place.longitudeDegrees
        accuracyMeters = place.accuracyMeters
    }
}

extension Chronotope_V1_Context {
    init(_ context: Context) {
        self.init()
        platform = context.platform
        device = context.device
        session = context.session
        tags = context.tags
    }
}
