internal import Messages

/// How long the feature vectors of each name are: as the first one that came.
struct FeatureLengths: Sendable {
    /// Every encoder has a name of its own, and a catalogue has few; more are mistakes, as an item's
    /// id for a name.
    static let maxNames = 64

    private var byName: [String: Int] = [:]

    /// Learns the lengths of names that are new; an item that breaks a limit must not come here.
    mutating func add(_ item: Wire.Item) {
        for vector in item.features where byName[vector.name] == nil {
            guard byName.count < Self.maxNames else { return }
            byName[vector.name] = vector.values.count
        }
    }

    /// The first vector that does not fit; names that were never added do not.
    func problem(with item: Wire.Item) -> EventCheck.Problem? {
        for vector in item.features {
            guard let length = byName[vector.name] else {
                return EventCheck.Problem(
                    field: "features",
                    reason: "holds a vector of one name more than the \(Self.maxNames) there are",
                    remedy: "name vectors after what they are of and their encoder, not the item"
                )
            }
            guard vector.values.count == length else {
                return EventCheck.Problem(
                    field: "features",
                    reason: "holds a vector of \(vector.values.count) numbers where those of its "
                        + "name have \(length)",
                    remedy: "give the vectors of another encoder another name, as text-2"
                )
            }
        }
        return nil
    }
}
