import ArgumentParser
import CommandLineTools
import Foundation
import Reporting

/// `chronotope report`: behaviour in pictures and sentences, on one page.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a page of pictures and patterns that needs no network.",
        discussion: """
            Heat maps, cells and moves, patterns, forecasts of a small model that is trained in place, \
            and the cleaning ledger (docs/REPORT.md).

            Examples:
              chronotope report checkins.csv.xz --out report.html
              chronotope report checkins.csv.xz --user 69 --run 7 --out report.html
            """
    )

    @OptionGroup var data: ReportDataOptions

    @Option(help: ArgumentHelp("Where the page goes.", valueName: "file.html"))
    var out: String

    func run() async throws {
        let report = Report(try await data.input(for: Picture.allCases))
        let page = Data(report.page.utf8)
        try OutputFile.write(page, to: out)
        let result = JSONValue.object([
            "out": .string(out),
            "bytes": .integer(page.count),
            "figures": .integer(report.figureCount),
            "notes": .array(report.sections.flatMap(\.notes).map { .string($0) }),
        ])
        try data.remote.show(result) {
            ["\(out): \(report.figureCount) pictures, \(Readable.bytes(UInt64(page.count)))"]
        }
    }
}
