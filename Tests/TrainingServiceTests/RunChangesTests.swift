import Testing
import TrainingService

@Suite("training: changes of runs")
struct RunChangesTests {
    private let changes = RunChanges()

    @Test("a change before the wait is not missed, one during it wakes all who wait")
    func signal() async {
        let far = ContinuousClock.now + .seconds(60)
        let before = changes.count
        changes.signal()
        await changes.wait(past: before, until: far)
        let count = changes.count
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { await changes.wait(past: count, until: far) } }
            changes.signal()
        }
        #expect(changes.count == count + 1)
        #expect(.now < far)
    }

    @Test("a wait ends at its deadline and with its task")
    func ends() async {
        await changes.wait(past: changes.count, until: .now)
        let waiting = Task { await changes.wait(past: 0, until: .now + .seconds(60)) }
        waiting.cancel()
        await waiting.value
        #expect(changes.count == 0)
    }
}
