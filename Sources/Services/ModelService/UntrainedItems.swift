internal import Events
internal import Models

/// Items that came after a version's training and have features that the version can read.
package struct UntrainedItems: Sendable {
    /// More than come between two trainings; each costs an inner product a question.
    static let limit = 50_000

    private(set) var items: [UntrainedItem] = []
    /// The live item index of each.
    private(set) var live: [Int32] = []
    private var rows: [Int32: Int] = [:]

    /// Adds an item, or takes the later entry of one; beyond the limit new ones are left to
    /// popularity.
    mutating func put(_ item: UntrainedItem, ofLive index: Int32) {
        if let row = rows[index] {
            items[row] = item
        } else if items.count < Self.limit {
            rows[index] = items.count
            items.append(item)
            live.append(index)
        }
    }

    func item(ofLive index: Int32) -> UntrainedItem? { rows[index].map { items[$0] } }
}
