import Foundation
import Metadata
import Privacy
import Testing

@Suite("privacy budget")
struct BudgetLedgerTests {
    private final class Folder: Sendable {
        let path: String
        var file: String { path + "/budget.sqlite" }

        init() throws {
            path = NSTemporaryDirectory() + "/budget-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func cost(_ epsilon: Double) throws -> PrivacyCost {
        try PrivacyCost(epsilon: epsilon, delta: 1e-6)
    }

    private static func debit(
        _ ledger: BudgetLedger,
        _ epsilon: Double,
        _ periods: [String] = ["2012-04"],
        dataSet: String = "town"
    ) async throws {
        try await ledger.debit(
            try cost(epsilon),
            dataSet: dataSet,
            periods: periods,
            limit: try PrivacyCost(epsilon: 1, delta: 1e-5),
            now: 17,
            purpose: "test"
        )
    }

    @Test("what was spent is known to the next opening, and refuses what passes the budget")
    func refusal() async throws {
        let folder = try Folder()
        try await Self.debit(BudgetLedger(path: folder.file), 0.6)
        let ledger = try BudgetLedger(path: folder.file)
        let error = await #expect(throws: BudgetError.self) { try await Self.debit(ledger, 0.5) }
        #expect(error?.code == .exhausted)
        #expect(error?.place == "town, 2012-04")
        #expect(error?.problem.contains("epsilon 0.4") == true, "\(error?.problem ?? "")")
        #expect(error?.remedy.isEmpty == false)
        try await Self.debit(ledger, 0.4)
        let periods = try await ledger.periods(of: "town")
        #expect(periods.count == 1 && periods[0].releaseCount == 2)
        #expect(periods[0].spent == (try PrivacyCost(epsilon: 1, delta: 2e-6)))
    }

    @Test("a release over several months debits each or none; other data sets have their own")
    func periods() async throws {
        let folder = try Folder()
        let ledger = try BudgetLedger(path: folder.file)
        try await Self.debit(ledger, 0.7, ["2012-05"])
        await #expect(throws: BudgetError.self) {
            try await Self.debit(ledger, 0.5, ["2012-04", "2012-05", "2012-06"])
        }
        #expect(try await ledger.periods(of: "town").map(\.name) == ["2012-05"])
        try await Self.debit(ledger, 0.3, ["2012-04", "2012-05", "2012-06"])
        try await Self.debit(ledger, 1, ["2012-05"], dataSet: "village")
        #expect(
            try await ledger.periods(of: "town").map(\.spent.epsilon) == [0.3, 1, 0.3]
        )
    }

    @Test("delta has a budget too")
    func delta() async throws {
        let folder = try Folder()
        let ledger = try BudgetLedger(path: folder.file)
        for _ in 0..<10 { try await Self.debit(ledger, 0.01) }
        let error = await #expect(throws: BudgetError.self) { try await Self.debit(ledger, 0.01) }
        #expect(error?.code == .exhausted)
    }

    @Test("a thousand requests at once, by four openings of one file, never pass the budget")
    func concurrent() async throws {
        let folder = try Folder()
        let ledgers = try (0..<4).map { _ in try BudgetLedger(path: folder.file) }
        let granted = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    do {
                        try await Self.debit(ledgers[number % 4], 0.13)
                        return true
                    } catch {
                        guard (error as? BudgetError)?.code == .exhausted else {
                            Issue.record("request \(number): \(error)")
                            return false
                        }
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        // 7 · 0.13 ≤ 1 < 8 · 0.13
        #expect(granted == 7)
        let periods = try await ledgers[0].periods(of: "town")
        #expect(periods[0].releaseCount == 7 && periods[0].spent.epsilonMillionths == 910_000)
    }

    @Test("a file that is no ledger says so, and what to do")
    func corrupt() async throws {
        let folder = try Folder()
        try Data("no database, but long enough to be looked at".utf8)
            .write(to: URL(fileURLWithPath: folder.file))
        let error = #expect(throws: BudgetError.self) { try BudgetLedger(path: folder.file) }
        #expect(error?.code == .corrupt && error?.remedy.contains("backup") == true)
    }
}
