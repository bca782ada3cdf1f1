package import Events
internal import Models
internal import Propagation

/// Instances of the protocol `leave-one-out`: views, carts and purchases, and one purchase a user
/// to find again.
///
/// The user's training purchases are masked; viewed and carted items stay candidates. Groups:
/// `touched` where the target is among the user's training views and carts, `untouched` where it
/// is not, `unseen` where training lacks it, which always counts as missed.
package struct HeldOutPurchases: Sendable {
    package static let name = "leave-one-out"
    package static let buyAction = "buy"
    package static let cartAction = "cart"
    package static let viewAction = "view"

    package let task: ListTask
    let keepsTargetViews: Bool

    /// - Parameters:
    ///   - train: its vocabulary is what is ranked.
    ///   - targets: ids of user and item, one for each user.
    ///   - hasTimes: whether the rows' instants are times.
    ///   - part: for validation one training purchase of each user with two or more becomes the
    ///     target: the last one, or a random one where there are no times.
    ///   - keepsTargetViews: whether the user's views and carts of a validation target stay in
    ///     training, as the data set does it with its own targets.
    package init(
        train: EventTable,
        targets: [(user: String, item: String)],
        hasTimes: Bool,
        part: EvaluationPart,
        keepsTargetViews: Bool
    ) {
        self.keepsTargetViews = keepsTargetViews
        var table = train
        var wanted: [(user: Int32, item: Int32)]
        switch part {
        case .test:
            wanted = targets.compactMap { target in
                train.users.index(of: target.user).map { user in
                    (user, train.catalogue.items.index(of: target.item) ?? -1)
                }
            }
        case .validation:
            let held = Self.heldPurchases(of: train, hasTimes: hasTimes)
            let kept = train.rows.enumerated().filter { position, row in
                guard let (item, heldPosition) = held[row.user] else { return true }
                return position != heldPosition && (keepsTargetViews || row.item != item)
            }
            let (restricted, newIndex) = train.restricted(to: kept.map(\.element))
            table = restricted
            wanted = held.map { ($0.key, newIndex[Int($0.value.item)]) }
        }
        wanted.sort { $0.user < $1.user }
        let histories = table.histories
        let buy = table.actions.index(of: Self.buyAction).map { Int16($0) }
        let bought = table.items { $0.action == buy }
        let touched = table.items { $0.action != buy }
        task = ListTask(
            name: Self.name,
            part: part,
            train: table,
            instances: wanted.map { user, item in
                let own = Int(user)
                return ListInstance(
                    user: user,
                    history: histories[own],
                    masked: bought[own],
                    relevant: item < 0 ? [] : [item],
                    relevantCount: 1,
                    group: item < 0
                        ? "unseen" : touched[own].contains(item) ? "touched" : "untouched"
                )
            },
            cutoffs: [10, 20],
            hitName: "hr",
            headline: ["hr@10", "ndcg@10", "hr@20", "mrr", "coverage@20"],
            hasTimes: hasTimes
        )
    }

    /// By user: the item and the row of one purchase of those who have at least two.
    private static func heldPurchases(
        of table: EventTable,
        hasTimes: Bool
    ) -> [Int32: (item: Int32, position: Int)] {
        let buy = table.actions.index(of: buyAction).map { Int16($0) }
        var purchases = [[Int]](repeating: [], count: table.users.count)
        for (position, row) in table.rows.enumerated() where row.action == buy {
            purchases[Int(row.user)].append(position)
        }
        var generator = SplitMix64(seed: EvaluationPart.cutSeed)
        var held: [Int32: (item: Int32, position: Int)] = [:]
        for (user, positions) in purchases.enumerated() where positions.count >= 2 {
            let random = Int.random(in: 0..<positions.count, using: &generator)
            let position = positions[hasTimes ? positions.count - 1 : random]
            held[Int32(user)] = (table.rows[position].item, position)
        }
        return held
    }

    /// Purchases; the user's own carted and viewed, then carted, then viewed items, with ties by
    /// purchases, and with ties by purchases a view; those all together by purchases a view.
    package var baselines: [ListTask.Baseline] {
        let actions = task.train.actions
        let purchases = count(of: Self.buyAction)
        // 20 views more than there are: few views say little.
        let rates = zip(purchases, count(of: Self.viewAction)).map { $0 / ($1 + 20) }
        let cart = actions.index(of: Self.cartAction).map { Int16($0) }
        let view = actions.index(of: Self.viewAction).map { Int16($0) }
        let itemCount = task.itemCount
        func own(_ name: String, tiers: Bool, _ order: [Float]) -> ListTask.Baseline {
            // Places from 0 in ascending order, equal ones alike: exact ties at any magnitude.
            let order = Self.places(of: order)
            let others = Self.places(of: purchases)
            return ListTask.Baseline(name: name) { block in
                block.flatMap { instance in
                    var tier = [Float](repeating: 0, count: itemCount)
                    for entry in instance.history.entries {
                        let isCart = entry.action == cart
                        guard isCart || entry.action == view else { continue }
                        let bits: UInt8 = (isCart ? 2 : 1) | UInt8(tier[Int(entry.item)])
                        tier[Int(entry.item)] = Float(bits)
                    }
                    return (0..<itemCount).map { item in
                        guard tier[item] > 0 else { return others[item] }
                        let step = tiers ? tier[item] : 1
                        return step * Float(itemCount) + order[item]
                    }
                }
            }
        }
        return [
            .popularity(purchases),
            own("own-carts-views", tiers: true, purchases),
            own("own-carts-views-rate", tiers: true, rates),
            own("own-rate", tiers: false, rates),
        ]
    }

    private func count(of action: String) -> [Float] {
        let index = task.train.actions.index(of: action).map { Int16($0) }
        return Popularity(task.train) { $0.action == index }.counts
    }

    /// How many distinct values are lower, by position; below `values.count`.
    private static func places(of values: [Float]) -> [Float] {
        let distinct = Set(values).sorted()
        let place = Dictionary(uniqueKeysWithValues: zip(distinct, 0...))
        return values.map { Float(place[$0] ?? 0) }
    }
}
