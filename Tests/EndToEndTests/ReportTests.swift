import Foundation
import Testing

/// What the tests of reports need beside them.
private enum Installed {
    static let client = FileManager.default.isExecutableFile(atPath: Programs.client)
    static let browser = isInstalled("chromium-headless-shell") || isInstalled("chromium")
    static let converter = isInstalled("rsvg-convert")
    static let newYork =
        (ProcessInfo.processInfo.environment["CHRONOTOPE_SHARED"]
            ?? Programs.repository + "/../shared") + "/data/foursquare-nyc"
    static let hasNewYork = FileManager.default.fileExists(atPath: newYork)

    private static func isInstalled(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }
}

/// Needs the command line alone, and for the page headless Chromium.
@Suite("reports and plots", .serialized)
struct ReportTests {
    private func chronotope(_ arguments: String..., in scratch: Scratch) async throws -> Outcome {
        try await RunningProgram.run(
            Programs.client,
            arguments,
            in: scratch,
            within: .seconds(240)
        )
    }

    /// Writes a report and opens it; nothing may be amiss in light, dark or on a phone.
    private func look(
        at events: String,
        pictures: Int,
        arguments: [String] = [],
        in scratch: Scratch
    ) async throws {
        let page = scratch.file("report.html")
        let made = try await RunningProgram.run(
            Programs.client,
            ["report", events, "--out", page, "-o", "json"] + arguments,
            in: scratch,
            within: .seconds(240)
        )
        #expect(made.status == 0, "\(made)")
        let result = try JSON(parsing: made.output)
        #expect(result["figures"].number == Double(pictures), "\(made)")
        #expect(result["bytes"].number <= 5e6, "\(made)")
        let seen = try await RunningProgram.run(
            Programs.repository + "/tools/look",
            [page],
            in: scratch,
            within: .seconds(90)
        )
        #expect(seen.status == 0, "\(seen)")
        let found = try JSON(parsing: seen.output)
        #expect(found["requests"].list.isEmpty && found["errors"].list.isEmpty)
        for mode in ["light", "dark", "phone"] {
            let ids = found[mode]["figures"].list.map { $0["id"].text }
            #expect(Set(ids).count == pictures, "\(mode): \(ids)")
        }
    }

    @Test(
        "the sample's page shows every picture, asks for nothing and fits a phone",
        .enabled(if: Installed.client && Installed.browser, "needs chronotope and Chromium")
    )
    func sample() async throws {
        try await Scratch.with { scratch in
            try await look(at: Programs.sample, pictures: 10, in: scratch)
        }
    }

    @Test(
        "the page of New York's check-ins, with a model's forecasts, takes at most 5 MB",
        .enabled(
            if: Installed.client && Installed.browser && Installed.hasNewYork,
            "needs chronotope, headless Chromium and foursquare-nyc"
        )
    )
    func newYork() async throws {
        try await Scratch.with { scratch in
            try await look(
                at: Installed.newYork,
                pictures: 10,
                arguments: ["--set", "passes=2", "--set", "windows=2", "--set", "dimension=8"],
                in: scratch
            )
        }
    }

    @Test(
        "plots are drawn as SVG, as PNG, and in the terminal",
        .enabled(if: Installed.client && Installed.converter, "needs chronotope and rsvg-convert")
    )
    func plots() async throws {
        try await Scratch.with { scratch in
            let svg = scratch.file("map.svg")
            let png = scratch.file("map.png")
            for out in [svg, png] {
                let drawn = try await chronotope(
                    "plot",
                    "map",
                    Programs.sample,
                    "--out",
                    out,
                    in: scratch
                )
                #expect(drawn.status == 0, "\(drawn)")
            }
            let drawing = try String(contentsOfFile: svg, encoding: .utf8)
            #expect(drawing.hasPrefix("<svg ") && drawing.contains("<polygon "))
            let picture = try Data(contentsOf: URL(fileURLWithPath: png))
            #expect(picture.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
            #expect(picture.count > 10_000)
            let week = try await chronotope("plot", "heatmap", Programs.sample, in: scratch)
            #expect(week.output.contains("Mon ") && week.output.contains("█"), "\(week)")
        }
    }

    @Test(
        "bad input ends in 2 with the remedy, a picture that cannot be drawn in 1",
        .enabled(if: Installed.client, "needs chronotope")
    )
    func badInput() async throws {
        try await Scratch.with { scratch in
            let calls: [(Int32, [String])] = [
                (2, ["report", Programs.sample]),
                (2, ["report", scratch.file("none.csv"), "--out", scratch.file("a.html")]),
                (2, ["report", Programs.sample, "--no-model", "--out", scratch.path]),
                (2, ["plot", "portrait", Programs.sample]),
                (2, ["plot", "map", Programs.sample, "--out", scratch.file("map.gif")]),
                (2, ["plot", "map", Programs.sample, "--least-users", "0"]),
                (2, ["plot", "scatter", Programs.sample, "--user", "nobody"]),
                (1, ["plot", "scatter", Programs.sample, "--no-model"]),
            ]
            for (status, arguments) in calls {
                let outcome = try await RunningProgram.run(
                    Programs.client,
                    arguments,
                    in: scratch,
                    within: .seconds(60)
                )
                #expect(outcome.status == status, "\(arguments): \(outcome)")
                #expect(!outcome.errors.isEmpty, "\(arguments)")
            }
        }
    }
}
