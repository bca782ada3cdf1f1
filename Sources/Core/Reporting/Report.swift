package import Charts
internal import Events
internal import Patterns

/// A report as sections of words and pictures.
package struct Report: Sendable {
    package struct Section: Sendable {
        package var id: String
        package var title: String
        /// What there is to see, in a paragraph.
        package var words: String
        package var figures: [Figure]
        /// What is missing, and what to give to see it.
        package var notes: [String] = []
        /// Lists of sentences, each under a heading.
        package var lists: [(title: String, sentences: [String])] = []
    }

    package var title: String
    /// Names and numbers of the head: "events", "147,759".
    package var facts: [(name: String, value: String)]
    package var sections: [Section]

    package var figureCount: Int { sections.reduce(0) { $0 + $1.figures.count } }

    private static let sentencesPerKind = 10

    package init(_ input: ReportInput) {
        title = input.name
        facts = Self.facts(input)
        var report: [Section] = [
            Self.section(
                "when",
                "When",
                "Local time: each event counts in the hour that its user's clock showed.",
                [.heatmap, .categories],
                input
            ),
            Self.section(
                "where",
                "Where",
                "Nothing is drawn beneath: the cells themselves show where people are.",
                [.map, .places],
                input
            ),
        ]
        var hanging = Self.section(
            "patterns",
            "What hangs together",
            "Patterns are regularities that passed a test against the same people's other hours and "
                + "orders, with false discoveries held to the share that was asked for.",
            [.network],
            input
        )
        hanging.lists = Self.lists(input)
        if hanging.lists.isEmpty { hanging.notes.append("no pattern passed the tests") }
        report.append(hanging)
        report.append(
            Self.section(
                "forecasts",
                "Forecasts",
                "How probable a model found it, from what came before each week, that a user acts in "
                    + "each hour of it.",
                [.scatter, .reliability],
                input
            )
        )
        report.append(Self.modelSection(input))
        report.append(
            Self.section(
                "cleaning",
                "Cleaning",
                "Nothing is dropped silently: every row is kept or counted under one rule.",
                [.ledger],
                input
            )
        )
        sections = report
    }

    private static func section(
        _ id: String,
        _ title: String,
        _ words: String,
        _ pictures: [Picture],
        _ input: ReportInput
    ) -> Section {
        var section = Section(id: id, title: title, words: words, figures: [])
        for picture in pictures {
            do {
                section.figures.append(try input.figure(picture))
            } catch {
                let note = "\(picture.rawValue): \(error.problem)"
                if !section.notes.contains(note) { section.notes.append(note) }
            }
        }
        return section
    }

    private static func modelSection(_ input: ReportInput) -> Section {
        var section = section(
            "models",
            "Models",
            "The gcn model was trained for this report on the events before the weeks it forecasts.",
            [.metrics, .curves],
            input
        )
        if let run = input.run {
            if let chart = run.metricsChart() {
                section.figures.append(
                    chart.figure(id: "run-metrics", title: "Quality of \(run.name)")
                )
            }
            // Without a model of the report's own, its place among the pictures is taken by these.
            if input.forecasts != nil, let chart = run.curvesChart() {
                section.figures.append(
                    chart.figure(id: "run-curves", title: "Training of \(run.name)")
                )
            }
            if run.trials.count > 1 {
                let points = run.trials.enumerated().map {
                    (x: Double($0.offset + 1), y: $0.element)
                }
                let chart = LineChart(
                    series: [LineChart.Series(name: "trial", points: points)],
                    xTitle: "trial",
                    yTitle: "metric",
                    summary: "What each trial of the search for settings reached."
                )
                section.figures.append(
                    chart.figure(id: "run-trials", title: "Search of \(run.name)")
                )
            }
            if !run.ledger.isEmpty {
                let bars = run.ledger.map { BarChart.Bar(name: $0.rule, value: Double($0.count)) }
                let chart = BarChart(
                    groups: [BarChart.Group(title: "", bars: bars)],
                    summary: "What cleaning did in \(run.name), by rule.",
                    formatted: { NumberText.grouped(Int($0.rounded())) }
                )
                section.figures.append(
                    chart.figure(id: "run-ledger", title: "Ledger of \(run.name)")
                )
            }
        } else {
            section.notes.append(
                "Name a training run of a server with --run ID to see its metrics beside the "
                    + "baselines, its training, its search and its ledger here."
            )
        }
        return section
    }

    private static func facts(_ input: ReportInput) -> [(name: String, value: String)] {
        let rows = input.table.rows
        var facts = [
            ("events", NumberText.grouped(rows.count)),
            ("users", NumberText.grouped(Set(rows.map(\.user)).count)),
            ("items", NumberText.grouped(Set(rows.map(\.item)).count)),
            ("categories", NumberText.grouped(input.table.catalogue.categories.count)),
            ("patterns", NumberText.grouped(input.patterns.count)),
        ]
        if let first = rows.first, let last = rows.last {
            facts.append(("from", DateText.dayAndYear(day(first))))
            facts.append(("to", DateText.dayAndYear(day(last))))
        }
        return facts
    }

    /// Days since 1970 on the user's clock.
    private static func day(_ row: EventRow) -> Int {
        let minutes = row.instant.millisecondsSinceEpoch / 60_000 + Int64(row.utcOffsetMinutes)
        return Int((Double(minutes) / 1_440).rounded(.down))
    }

    private static func lists(_ input: ReportInput) -> [(title: String, sentences: [String])] {
        func strongest(_ keeps: (Pattern) -> Bool) -> [String] {
            input.patterns.filter { keeps($0) }
                .sorted { ($0.zScore, $1.id) > ($1.zScore, $0.id) }
                .prefix(sentencesPerKind).map { input.words.sentence($0) }
        }
        return [
            ("Associations", strongest { $0.kind == .association }),
            ("Transitions", strongest { $0.kind == .transition }),
            ("Routines", strongest { $0.kind == .routine && $0.antecedent.user == nil }),
        ].filter { !$0.1.isEmpty }.map { (title: $0.0, sentences: $0.1) }
    }
}
