import Charts
import Cleaning
import Events
import Patterns
import Reporting
import Testing

@Suite("a report")
struct ReportTests {
    /// Two users who have coffee at 8 and go to the office at 9 on weekdays, for `weeks` weeks, and
    /// one who goes far away once.
    private func events(weeks: Int) -> (events: [Event], items: [Item]) {
        let start = Int64(1_333_324_800)  // Monday, 2 April 2012, 00:00 UTC
        var events: [Event] = []
        for user in ["ana", "ben"] {
            for day in 0..<weeks * 7 where day % 7 < 5 {
                for (hour, item) in [(8, "cafe"), (9, "office")] {
                    let second = start + Int64(day) * 86_400 + Int64(hour) * 3_600
                    events.append(
                        Event(
                            user: user,
                            item: item,
                            action: "checkin",
                            instant: Instant(secondsSinceEpoch: second)
                        )
                    )
                }
            }
        }
        let items = [("cafe", 40.70, -74.00, "Café <&>"), ("office", 40.75, -73.95, "Office")].map {
            Item(
                id: $0.0,
                category: $0.3,
                place: Place(latitudeDegrees: $0.1, longitudeDegrees: $0.2)
            )
        }
        return (events, items)
    }

    private func input(weeks: Int, items: Bool = true) -> ReportInput {
        let town = events(weeks: weeks)
        let cleaned = Cleaner.clean(town.events, items: items ? town.items : [])
        return ReportInput(
            name: "town <&>.csv",
            table: cleaned.table,
            words: PatternWords(cleaned.table.catalogue),
            patterns: [],
            ledger: cleaned.ledger
        )
    }

    @Test("counts events where and when they are")
    func counts() throws {
        let input = input(weeks: 4)
        let week = try input.figure(.heatmap).table
        #expect(week.rows[8] == ["8:00"] + monday(40))
        let map = try input.figure(.map).table
        #expect(map.rows.map { $0[3] }.prefix(2) == ["40", "40"])
        #expect(map.rows.contains { $0[0].contains("→") && $0[3] == "40" }, "\(map.rows)")
    }

    private func monday(_ total: Int) -> [String] {
        (0..<7).map { $0 < 5 ? "\(total / 5)" : "0" }
    }

    @Test("leaves out cells and moves of fewer users than asked for")
    func leastUsers() throws {
        var input = input(weeks: 4)
        input.minimumUsers = 3
        #expect(throws: ReportError.self) { try input.figure(.map) }
    }

    @Test("draws the losses of a server's run: in the place of its own model's, or beside them")
    func runCurves() throws {
        var input = input(weeks: 4)
        let passes = [(1, 5.0), (2, 4.0), (3, 3.5)].map {
            TrainedRun.Curve.Pass(
                number: $0.0,
                loss: $0.1,
                validationLoss: $0.0 == 2 ? nil : $0.1 + 1
            )
        }
        input.run = TrainedRun(
            name: "run 7",
            metrics: [],
            ledger: [],
            trials: [],
            curves: [
                TrainedRun.Curve(fit: "trial", passes: passes),
                TrainedRun.Curve(fit: "final", passes: []),
            ]
        )
        let rows = try input.figure(.curves).table.rows
        #expect(rows.count == 5, "\(rows)")
        #expect(rows.dropFirst().first == ["trial", "2", "4.00"], "\(rows)")
        #expect(rows.last == ["trial, validation", "3", "4.50"], "\(rows)")
        let section = Report(input).sections.first { $0.id == "models" }
        #expect(section?.figures.count { $0.table.rows == rows } == 1, "drawn once")
        input.run?.curves = []
        #expect(throws: ReportError.self) { try input.figure(.curves) }
    }

    @Test("says what is missing instead of drawing nothing")
    func missing() {
        let report = Report(input(weeks: 2, items: false))
        let notes = report.sections.flatMap(\.notes)
        for word in ["map", "categories", "network", "scatter", "no pattern", "--run"] {
            #expect(notes.contains { $0.contains(word) }, "no note on \(word): \(notes)")
        }
        #expect(report.figureCount == 3)
    }

    @Test("is one page with a policy that lets nothing in, landmarks, and a table for each picture")
    func page() {
        let report = Report(input(weeks: 4))
        let page = report.page
        #expect(page.hasPrefix("<!doctype html>"))
        #expect(page.contains("default-src 'none'"))
        #expect(!page.contains("<script") && !page.contains("src="))
        #expect(page.contains("town &lt;&amp;&gt;.csv") && !page.contains("<&>"))
        for part in ["class=\"skip\"", "<main id=\"main\"", "<nav aria-label", "name=\"viewport\""]
        {
            #expect(page.contains(part), "no \(part)")
        }
        func count(_ text: String) -> Int { page.split(separator: text).count - 1 }
        #expect(count("<details>") == report.figureCount && report.figureCount >= 4)
        #expect(count("role=\"img\"") == report.figureCount)
    }

    @Test("shows a run's metrics beside its baselines, its search and its ledger")
    func run() {
        var input = input(weeks: 4)
        input.run = TrainedRun(
            name: "run 7",
            metrics: [
                TrainedRun.Metrics(name: "chronotope", values: ["mrr": 0.4, "own": 1]),
                TrainedRun.Metrics(name: "popularity", values: ["mrr": 0.1]),
            ],
            ledger: [TrainedRun.RuleCount(rule: "duplicate", count: 12)],
            trials: [0.1, 0.3]
        )
        let figures = Report(input).sections.flatMap(\.figures)
        let metrics = figures.first { $0.id == "run-metrics" }
        #expect(
            metrics?.table.rows == [
                ["mrr", "chronotope", "0.400"], ["mrr", "popularity", "0.100"],
            ]
        )
        #expect(figures.contains { $0.id == "run-trials" })
        #expect(figures.first { $0.id == "run-ledger" }?.table.rows == [["", "duplicate", "12"]])
    }

    @Test("is the same bytes for the same input")
    func repeatable() {
        #expect(Report(input(weeks: 4)).page == Report(input(weeks: 4)).page)
    }
}
