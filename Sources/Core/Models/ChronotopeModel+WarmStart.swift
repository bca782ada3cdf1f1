package import Events

extension ChronotopeModel {
    /// What another training may start from: the learned numbers of both heads, time given and time
    /// hidden, over another catalogue.
    ///
    /// Items and categories are found again by their ids; new ones start at 0, as at a cold start.
    package func startingParameters(over other: ItemTable) -> [[Float]] {
        let items = other.items.ids.map { catalogue.items.index(of: $0) }
        let count = catalogue.categories.count
        // The last row is for items of no category.
        let categories =
            other.categories.ids.map { catalogue.categories.index(of: $0) } + [Int32(count)]
        return [given, hidden].map { head in
            let gates = head.gates.parameters
            let rows = categories.flatMap { row in
                let start =
                    ChronotopeGates.categoryWeight + Int(row ?? 0) * ChronotopeGates.hiddenCount
                return row == nil
                    ? [Float](repeating: 0, count: ChronotopeGates.hiddenCount)
                    : Array(gates[start..<start + ChronotopeGates.hiddenCount])
            }
            return gates[..<ChronotopeGates.categoryWeight] + rows
                + items.map { $0.map { head.itemBias[Int($0)] } ?? 0 } + head.kernels
        }
    }
}
