/// What a scan made of its tests.
struct ScanOutcome<Test: Sendable>: Sendable {
    /// Those with a small p-value and enough support and lift.
    private(set) var tests: [Test] = []
    /// Of those with a small p-value and too little support or lift: they count, and are no
    /// patterns.
    private(set) var otherPValues: [Double] = []
    private(set) var testCount = 0

    /// Counts a test, whatever it finds.
    mutating func count() { testCount += 1 }

    /// Keeps what a counted test found, if its p-value is small.
    ///
    /// - Parameters:
    ///   - isPattern: whether it has enough support and lift; asked for only where p is small.
    ///   - test: asked for only where it is kept.
    mutating func keep(
        pValue: Double,
        isPattern: @autoclosure () -> Bool,
        _ test: @autoclosure () -> Test
    ) {
        guard pValue <= Significance.largestKept else { return }
        if isPattern() { tests.append(test()) } else { otherPValues.append(pValue) }
    }

    static func += (left: inout ScanOutcome, right: ScanOutcome) {
        left.tests += right.tests
        left.otherPValues += right.otherPValues
        left.testCount += right.testCount
    }
}

extension MiningSettings {
    /// Whether a significant test has enough support and lift.
    func isPattern(events: Double, users: Double, lift: Double) -> Bool {
        events >= Double(minimumEvents) && users >= Double(minimumUsers) && lift >= minimumLift
    }
}
