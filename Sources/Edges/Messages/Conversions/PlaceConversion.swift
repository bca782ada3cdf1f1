package import Events

extension Place {
    /// - Throws: `invalidValue` at "latitude", "longitude" or "accuracy_meters", the first that is wrong;
    ///   the text never repeats the coordinates.
    package init(_ wire: Wire.Place) throws(MessageError) {
        let place = Place(
            latitudeDegrees: wire.latitude,
            longitudeDegrees: wire.longitude,
            accuracyMeters: wire.accuracyMeters
        )
        guard let place else {
            let problems = EventLimits.problems(
                latitudeDegrees: wire.latitude,
                longitudeDegrees: wire.longitude,
                accuracyMeters: wire.accuracyMeters,
                prefix: ""
            )
            precondition(!problems.isEmpty, "EventLimits accepts coordinates that Place refuses")
            throw MessageError(problems[0])
        }
        self = place
    }
}

extension Wire.Place {
    package init(_ place: Place) {
        self.init(
            latitude: place.latitudeDegrees,
            longitude: place.longitudeDegrees,
            accuracyMeters: place.accuracyMeters
        )
    }
}

extension Optional where Wrapped == Wire.Place {
    /// The place of a message's field "place"; nil where absent.
    ///
    /// - Throws: as `Place.init`, with the path from the message that holds the field.
    package func converted() throws(MessageError) -> Place? {
        guard let wire = self else { return nil }
        do {
            return try Place(wire)
        } catch {
            throw error.inside("place")
        }
    }
}

extension MessageError {
    /// A field that decodes well and means nothing.
    package init(_ problem: FieldProblem) {
        self.init(
            code: .invalidValue,
            path: problem.field,
            problem: problem.reason,
            remedy: problem.remedy
        )
    }
}
