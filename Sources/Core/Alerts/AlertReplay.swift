package import Events

/// The alerts that a watch set up at one moment raises until another, over events of the past.
package struct AlertReplay: Sendable {
    package let model: AlertModel
    /// By time, then user.
    package let alerts: [Alert]
    /// Users · 30 days that were watched.
    package let userMonths: Double

    /// - Parameters:
    ///   - table: a row's place is its item's.
    ///   - cut: events before it make the model; alerts are of what comes after.
    package init(_ table: EventTable, cut: Instant, settings: AlertSettings) {
        var histories = [[Deed]](repeating: [], count: table.users.count)
        for row in table.rows {
            histories[Int(row.user)].append(
                Deed(
                    instant: row.instant,
                    utcOffsetMinutes: Int(row.utcOffsetMinutes),
                    place: table.catalogue.place[Int(row.item)]
                )
            )
        }
        let past = histories.map { deeds in Array(deeds.prefix { $0.instant < cut }) }
        let model = AlertModel(past, until: cut, settings: settings)
        let end = table.rows.last?.instant ?? cut
        var monitor = AlertMonitor(model)
        var alerts: [Alert] = []
        for (user, deeds) in histories.enumerated() {
            for deed in deeds { alerts += monitor.observe(deed, user: user) }
        }
        alerts += monitor.advance(to: end)
        self.model = model
        self.alerts = alerts.filter { $0.instant >= cut && $0.instant <= end }
            .sorted { ($0.instant, $0.user) < ($1.instant, $1.user) }
        userMonths = histories.reduce(0) {
            $0 + AlertModel.watchedMonths($1, from: cut, until: end)
        }
    }

    package var alertsPerUserMonth: Double {
        userMonths > 0 ? Double(alerts.count) / userMonths : 0
    }
}
