internal import Events

extension NextPlaceProtocol {
    /// What people look at first, in their order.
    package static let headline = ["acc@1", "acc@5", "acc@10", "acc@20", "mrr", "median-km"]

    /// Positions of the instances whose user was at the target in training, and of the others.
    package var groups: [(name: String, positions: [Int])] {
        [("returns", true), ("discoveries", false)].map { name, isReturn in
            (name, instances.indices.filter { instances[$0].isReturn == isReturn })
        }
    }

    /// Positions by the target's local hour of the week, `hour-of-week/0` Monday 00:00 up to 167,
    /// and by its cell, `cell/` and the S2 cell's id in hexadecimal; only those that occur.
    package var details: [(name: String, positions: [Int])] {
        var byHour: [Int: [Int]] = [:]
        var byCell: [Cell: [Int]] = [:]
        for (position, instance) in instances.enumerated() {
            let slot = TimeSlot(
                instance.instant,
                utcOffsetMinutes: Int(instance.utcOffsetMinutes)
            )
            byHour[slot.hourOfWeek, default: []].append(position)
            guard instance.target >= 0 else { continue }
            if let place = data.catalogue.place[Int(instance.target)] {
                byCell[place.cell(level: Cell.neighbourhoodLevel), default: []].append(position)
            }
        }
        return byHour.sorted { $0.key < $1.key }.map { ("hour-of-week/\($0.key)", $0.value) }
            + byCell.sorted { $0.key < $1.key }.map { cell, positions in
                ("cell/\(String(cell.id, radix: 16))", positions)
            }
    }
}

extension NextPlaceData {
    /// Training cut again for each user: the last `share` of the user's training rows become the
    /// test part, which is left out altogether. What the settings of `next-place-pairs` are
    /// chosen on.
    package func cutByUser(share: Double = 0.2) -> NextPlaceData {
        var counts = [Int](repeating: 0, count: users.count)
        for row in train { counts[Int(row.user)] += 1 }
        var seen = [Int](repeating: 0, count: users.count)
        var parts: (early: [EventRow], late: [EventRow]) = ([], [])
        for row in train {
            let user = Int(row.user)
            seen[user] += 1
            let earlyCount = counts[user] - Int(Double(counts[user]) * share)
            if seen[user] <= earlyCount { parts.early.append(row) } else { parts.late.append(row) }
        }
        return NextPlaceData(
            users: users,
            catalogue: catalogue,
            actions: actions,
            train: parts.early,
            validation: parts.late,
            test: []
        )
    }
}
