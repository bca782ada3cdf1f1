import Client
import CommandLineTools
import Testing

@Suite("columns")
struct ColumnsTests {
    @Test func `cells stand under each other, on their sides`() {
        let lines = Columns.lines(
            [["", "name", "score"], ["1", "Café", "1.5"], ["10", "Bar", "-10.25"]],
            [.right, .left, .right]
        )
        #expect(lines == ["    name   score", " 1  Café     1.5", "10  Bar   -10.25"])
    }

    @Test func `lines end without blanks, and short rows are rows`() {
        #expect(
            Columns.lines([["a", "b"], ["longer"], ["c", ""]]) == ["a       b", "longer", "c"]
        )
        #expect(Columns.lines([]).isEmpty)
    }

    @Test func `columns with nothing in them are left out`() {
        let rows = [["id", "place", "name"], ["1", "", "x"], ["2", "", ""]]
        #expect(Columns.withoutEmptyColumns(rows) == [["id", "name"], ["1", "x"], ["2", ""]])
    }
}

@Suite("readable numbers")
struct ReadableTests {
    @Test func `distances, durations and sizes have units`() {
        #expect(Readable.distance(meters: 849.6) == "850 m")
        #expect(Readable.distance(meters: 12_345) == "12.3 km")
        #expect(Readable.duration(seconds: 59) == "59 s")
        #expect(Readable.duration(seconds: 200) == "3 min 20 s")
        #expect(Readable.duration(seconds: 7_500) == "2 h 5 min")
        #expect(Readable.bytes(1_023) == "1023 B")
        #expect(Readable.bytes(18_035_507) == "17.2 MiB")
        #expect(Readable.time(milliseconds: 0).isEmpty)
    }

    @Test func `a bar is never too long`() {
        #expect(Readable.bar(0.5, width: 4) == "[==  ]")
        #expect(Readable.bar(7, width: 4) == "[====]")
        #expect(Readable.bar(-1, width: 4) == "[    ]")
        #expect(Readable.bar(.nan, width: 4) == "[    ]")
    }

    @Test func `quantiles are numbers that were measured`() {
        let quantiles = Quantiles((1...200).map(Double.init).shuffled())
        #expect(quantiles.value(at: 0.5) == 100)
        #expect(quantiles.value(at: 0.99) == 198)
        #expect(quantiles.value(at: 1) == 200)
        #expect(quantiles.value(at: 0) == 1)
        #expect(Quantiles([]).value(at: 0.99) == 0)
    }
}

@Suite("exit status")
struct ExitStatusTests {
    @Test(
        arguments: [
            (.invalidArgument, .request, 2), (.invalidArgument, .server, 1),
            (.unavailable, .connection, 3), (.unavailable, .server, 1),
            (.deadlineExceeded, .connection, 4), (.deadlineExceeded, .server, 4),
            (.unimplemented, .server, 1), (.internalError, .connection, 1),
        ] as [(StatusError.Code, StatusError.Origin, Int32)]
    )
    func `it says who said no`(code: StatusError.Code, origin: StatusError.Origin, status: Int32) {
        #expect(StatusError(code, "", origin: origin).exitStatus == status)
    }

    @Test func `a refusal is printed with field, remedy and request`() {
        let error = StatusError(
            .invalidArgument,
            "k is 0",
            details: [
                StatusError.Detail(field: "k", reason: "k is 0", remedy: "ask for 1 to 1,000")
            ],
            origin: .server,
            requestID: "00ff"
        )
        #expect(
            error.lines == [
                "INVALID_ARGUMENT: k is 0", "Field: k", "Remedy: ask for 1 to 1,000",
                "Request: 00ff",
            ]
        )
    }
}
