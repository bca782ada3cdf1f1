/// A place that someone typed: `LATITUDE,LONGITUDE` in degrees.
package struct PlaceArgument: Equatable, Sendable {
    package var latitudeDegrees: Double
    package var longitudeDegrees: Double

    /// Reads `text`; nil where it is not two numbers. Whether they lie on Earth the server says.
    package init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " } }
        guard
            parts.count == 2, let latitude = Double(parts[0]), let longitude = Double(parts[1])
        else { return nil }
        latitudeDegrees = latitude
        longitudeDegrees = longitude
    }
}
