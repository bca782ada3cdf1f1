import CommandLineTools
import DataFiles
import Testing

@Suite("state of an import")
struct ImportStateTests {
    private var state: ImportState {
        var state = ImportState(producer: "00ff", address: "tcp://127.0.0.1:7300")
        state.sequence = 12
        state.position = ImportPosition(byteOffset: 90, lineCount: 4, rowCount: 3)
        state.totals.rows = 3
        state.totals.refusedByRule = ["bad-time": 1]
        return state
    }

    @Test func `it reads back what it wrote`() throws {
        let json = try state.json()
        let read = ImportState(json: json, producer: "00ff", address: "tcp://127.0.0.1:7300")
        #expect(read == state)
    }

    @Test func `the state of another file or another server is none`() throws {
        let json = try state.json()
        #expect(ImportState(json: json, producer: "00fe", address: state.address) == nil)
        #expect(ImportState(json: json, producer: "00ff", address: "ipc:///elsewhere") == nil)
        #expect(ImportState(json: Array("{".utf8), producer: "00ff", address: state.address) == nil)
        #expect(ImportState(json: [], producer: "00ff", address: state.address) == nil)
    }

    @Test func `the newest event is kept with its clock`() {
        var totals = ImportState.Totals()
        totals.saw(instantMilliseconds: 5, utcOffsetMinutes: 60)
        totals.saw(instantMilliseconds: 9, utcOffsetMinutes: -300)
        totals.saw(instantMilliseconds: 7, utcOffsetMinutes: 0)
        #expect(totals.newestMilliseconds == 9)
        #expect(totals.newestOffsetMinutes == -300)
    }
}

@Suite("active users")
struct UserCountsTests {
    @Test func `the most active come first, equal ones by id`() {
        var counts = UserCounts()
        for user in ["b", "c", "a", "c", "b", "c", "d"] { counts.add(user) }
        #expect(counts.mostActive(3) == ["c", "b", "a"])
        #expect(counts.mostActive(10).count == 4)
    }
}
