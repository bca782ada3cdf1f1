package import Events

extension NextPlaceData {
    /// One check-in as a file has it.
    package struct CheckIn: Sendable {
        package enum Part: Sendable { case train, validation, test }

        package var user: String
        package var item: String
        package var category: String
        package var place: Place?
        package var instant: Instant
        package var utcOffsetMinutes: Int
        package var trajectory: String
        package var part: Part

        package init(
            user: String,
            item: String,
            category: String,
            place: Place?,
            instant: Instant,
            utcOffsetMinutes: Int,
            trajectory: String,
            part: Part
        ) {
            self.user = user
            self.item = item
            self.category = category
            self.place = place
            self.instant = instant
            self.utcOffsetMinutes = utcOffsetMinutes
            self.trajectory = trajectory
            self.part = part
        }
    }

    /// - Parameter checkIns: the training part first, each part in the order of its file. An item
    ///   has the category and place of its first check-in.
    package init(_ checkIns: [CheckIn]) {
        let users = Vocabulary(checkIns.map(\.user))
        let items = Vocabulary(checkIns.map(\.item))
        let categories = Vocabulary(checkIns.map(\.category).filter { !$0.isEmpty })
        let trajectories = Vocabulary(checkIns.map(\.trajectory))
        var category = [Int32](repeating: -1, count: items.count)
        var place = [Place?](repeating: nil, count: items.count)
        var isKnown = [Bool](repeating: false, count: items.count)
        var rows: [CheckIn.Part: [EventRow]] = [:]
        for checkIn in checkIns {
            guard
                let user = users.index(of: checkIn.user),
                let item = items.index(of: checkIn.item),
                let session = trajectories.index(of: checkIn.trajectory)
            else { preconditionFailure("a vocabulary lacks a check-in that it was made of") }
            if !isKnown[Int(item)] {
                isKnown[Int(item)] = true
                category[Int(item)] = categories.index(of: checkIn.category) ?? -1
                place[Int(item)] = checkIn.place
            }
            rows[checkIn.part, default: []].append(
                EventRow(
                    user: user,
                    item: item,
                    instant: checkIn.instant,
                    utcOffsetMinutes: Int16(checkIn.utcOffsetMinutes),
                    session: session
                )
            )
        }
        self.init(
            users: users,
            catalogue: ItemTable(
                items: items,
                categories: categories,
                category: category,
                place: place
            ),
            actions: Vocabulary(["checkin"]),
            train: rows[.train] ?? [],
            validation: rows[.validation] ?? [],
            test: rows[.test] ?? []
        )
    }
}
