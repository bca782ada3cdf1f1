package import Events

/// The rules that one event or item alone decides: who serves the log applies them to it, so that
/// live state and training are told the same.
extension CleaningFit {
    /// The event without a place that is none.
    package func cleared(_ event: Event) -> Event {
        guard clearsZeroCoordinates, event.place?.isZero == true else { return event }
        var cleared = event
        cleared.place = nil
        return cleared
    }

    /// The catalogue entry without a place that is none.
    package func cleared(_ item: Item) -> Item {
        guard clearsZeroCoordinates, item.place?.isZero == true else { return item }
        var cleared = item
        cleared.place = nil
        return cleared
    }

    /// Where the event puts its item; nil where it says nothing about that, as a view from the sofa.
    package func placeOfItem(in event: Event) -> Place? {
        placingActions.contains(event.action) ? cleared(event).place : nil
    }
}

extension Place {
    /// Where phones without a fix are: in the sea off Ghana.
    var isZero: Bool { latitudeDegrees == 0 && longitudeDegrees == 0 }
}
