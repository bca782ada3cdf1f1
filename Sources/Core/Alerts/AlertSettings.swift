/// How often a watch may err, and what it looks at.
package struct AlertSettings: Hashable, Sendable {
    /// False alarms that a user may cause in 30 days, in the mean: 0.001...100. Half of them are for
    /// strange events, half for missed routines.
    package var falseAlarmsPerUserMonth: Double

    package init(falseAlarmsPerUserMonth: Double = 1) {
        self.falseAlarmsPerUserMonth = falseAlarmsPerUserMonth
    }

    package static let rates = 0.001...100.0

    package static let secondsPerMonth: Int64 = 30 * 86_400
    /// What is learned of a user before any alert is raised.
    static let warmUpSeconds: Int64 = 28 * 86_400
    /// A user who did nothing for so long is gone, and no more is expected.
    static let goneSeconds: Int64 = 28 * 86_400
    /// One alert tells of a journey; each of its events would tell the same.
    static let strangePauseSeconds: Int64 = 86_400
    /// One alert tells of an absence, which may break several routines.
    static let missedPauseSeconds: Int64 = 7 * 86_400
}
