internal import Graphs

extension SpectralModel {
    /// Refuses a matrix that says nothing: without an edge, or with all of them and all alike.
    static func requireContrast(_ strengths: CSRMatrix, eventCount: Int) throws(ModelError) {
        guard strengths.values.contains(where: { $0 != 0 }) else {
            throw ModelError(
                code: .notEnoughData,
                place: "events",
                problem: "\(eventCount) events make no edge between a user and an item",
                remedy: "train on events about items"
            )
        }
        let isFull = strengths.values.count == strengths.rowCount * strengths.columnCount
        guard isFull, strengths.values.allSatisfy({ $0 == strengths.values[0] }) else { return }
        throw ModelError(
            code: .notEnoughData,
            place: "events",
            problem:
                "all \(strengths.rowCount) users did all \(strengths.columnCount) items alike: "
                + "one class, every item would score the same",
            remedy: "train on events of which users do some and leave others, or a family that "
                + "reads times"
        )
    }
}
