import Alerts
import Events
import Testing

@Suite("watching one user")
struct WatchTests {
    /// Monday 2024-01-01, 00:00 UTC.
    private static let start: Int64 = 1_704_067_200
    private static let home = Place(latitudeDegrees: 47, longitudeDegrees: 8)
    private static let away = Place(latitudeDegrees: 35, longitudeDegrees: 139)

    private static func deed(day: Int, hour: Int, _ place: Place? = home) -> Deed {
        Deed(
            instant: Instant(secondsSinceEpoch: start + Int64(day * 24 + hour) * 3_600 + 600),
            utcOffsetMinutes: 0,
            place: place
        )
    }

    /// Every weekday at nine, and now and then at another hour.
    private static func days(_ range: Range<Int>) -> [Deed] {
        range.flatMap { day -> [Deed] in
            let usual = day % 7 < 5 ? [deed(day: day, hour: 9)] : []
            return usual + (day % 3 == 0 ? [deed(day: day, hour: 12 + day % 7)] : [])
        }
    }

    private static func instant(day: Int) -> Instant {
        Instant(secondsSinceEpoch: start + Int64(day) * 86_400)
    }

    private static func monitor(days count: Int) -> AlertMonitor {
        let histories = (0..<5).map { _ in days(0..<count) }
        let model = AlertModel(
            histories,
            until: instant(day: count),
            settings: AlertSettings(falseAlarmsPerUserMonth: 0.2)
        )
        var monitor = AlertMonitor(model)
        for (user, deeds) in histories.enumerated() {
            for deed in deeds { _ = monitor.observe(deed, user: user) }
        }
        return monitor
    }

    @Test("a night far away is strange, and the reason says where and when")
    func strange() throws {
        var monitor = Self.monitor(days: 70)
        let alerts = monitor.observe(Self.deed(day: 70, hour: 3, Self.away), user: 2)
        try #require(alerts.count == 1)
        let reason = AlertWords.reason(alerts[0], user: "u")
        #expect(AlertWords.kind(alerts[0]) == "strange-event" && alerts[0].user == 2)
        #expect(reason.contains("on Mondays 03–04") && reason.contains("where 0 of"), "\(reason)")
        let again = monitor.observe(Self.deed(day: 70, hour: 4, Self.away), user: 2)
        #expect(again.isEmpty, "one alert a journey")
        for day in 70...72 {
            #expect(monitor.observe(Self.deed(day: day, hour: 9), user: 2).isEmpty, "home at nine")
        }
    }

    @Test("a routine that stops raises one alert, though no event comes; one that goes on none")
    func missed() throws {
        var monitor = Self.monitor(days: 70)
        for day in 70..<84 {
            for deed in Self.days(day..<day + 1) {
                #expect(monitor.observe(deed, user: 0).isEmpty)
                #expect(monitor.observe(deed, user: 1).isEmpty)
            }
        }
        var told: [Alert] = []
        for day in 84..<100 {
            for deed in Self.days(day..<day + 1) { told += monitor.observe(deed, user: 0) }
            told += monitor.advance(to: Self.instant(day: day + 1)).filter { $0.user < 2 }
        }
        try #require(!told.isEmpty)
        #expect(told.allSatisfy { $0.user == 1 }, "\(told)")
        #expect(told[0].instant < Self.instant(day: 90), "within a week")
        let reason = AlertWords.reason(told[0], user: "u")
        #expect(reason.contains("and not on the last"), "\(reason)")
        let later = (100..<400).reduce(0) {
            $0 + monitor.advance(to: Self.instant(day: $1)).count { $0.user == 1 }
        }
        #expect(told.count + later <= 3, "who is gone is not expected")
    }

    @Test("nothing is told of a user in the first four weeks, nor of one forgotten")
    func warmUp() {
        var monitor = Self.monitor(days: 70)
        #expect(monitor.observe(Self.deed(day: 60, hour: 9), user: 9).isEmpty)
        #expect(monitor.observe(Self.deed(day: 61, hour: 3, Self.away), user: 9).isEmpty)
        monitor.forget(user: 2)
        #expect(monitor.userCount == 5)
        #expect(monitor.observe(Self.deed(day: 70, hour: 3, Self.away), user: 2).isEmpty)
    }

    @Test("an event that comes late is passed over, and one without a place is judged by its hour")
    func oddInput() {
        var monitor = Self.monitor(days: 70)
        #expect(monitor.observe(Self.deed(day: 3, hour: 3, Self.away), user: 1).isEmpty)
        #expect(monitor.observe(Self.deed(day: 70, hour: 9, nil), user: 1).isEmpty)
        let empty = AlertModel([], until: Self.instant(day: 0), settings: AlertSettings())
        #expect(empty.userMonths == 0)
    }
}
