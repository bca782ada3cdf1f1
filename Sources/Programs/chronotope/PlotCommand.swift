import ArgumentParser
import Charts
import Foundation
import Reporting

/// `chronotope plot`: one picture of the report, as a file or in the terminal.
struct PlotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draw one picture as SVG or PNG, or in the terminal.",
        discussion: """
            Without --out the picture is drawn in block characters. PNG is made by rsvg-convert.

            Examples:
              chronotope plot heatmap checkins.csv.xz
              chronotope plot map checkins.csv.xz --out map.svg
              chronotope plot scatter checkins.csv.xz --user 69 --out scatter.png --theme dark
            """
    )

    /// A drawing's colours.
    enum Colours: String, ExpressibleByArgument, CaseIterable {
        case auto, light, dark

        var theme: Theme? {
            switch self {
            case .auto: nil
            case .light: .light
            case .dark: .dark
            }
        }
    }

    @Argument(help: "The picture.") var picture: Picture
    @OptionGroup var data: ReportDataOptions

    @Option(help: ArgumentHelp("A file that ends in .svg or .png.", valueName: "file"))
    var out: String?

    @Option(help: "light, dark, or auto: an SVG that follows its reader.")
    var theme = Colours.auto

    @Option(help: "Pixels across, of a PNG.")
    var width = 1_260

    func validate() throws {
        guard (100...10_000).contains(width) else {
            throw ValidationError("--width must be in 100...10000, not \(width)")
        }
        guard out.map({ $0.hasSuffix(".svg") || $0.hasSuffix(".png") }) ?? true else {
            throw ValidationError("--out must end in .svg or .png")
        }
        if out?.hasSuffix(".png") == true { _ = try PictureFile.converter() }
    }

    func run() async throws {
        let input = try await data.input(for: [picture])
        do {
            guard let out else {
                for line in try input.text(picture) { print(line) }
                return
            }
            let figure = try input.figure(picture)
            if out.hasSuffix(".svg") {
                try OutputFile.write(Data(figure.standalone(theme.theme).utf8), to: out)
            } else {
                let svg = figure.standalone(theme.theme ?? .light)
                try PictureFile.writePNG(svg, width: width, to: out)
            }
        } catch let error as ReportError {
            throw ProgramFailure(
                status: error.code == .unknownUser ? .usage : .refused,
                problem: "\(error.place): \(error.problem)",
                remedy: error.remedy
            )
        }
    }
}

extension Picture: ExpressibleByArgument {}

/// Files of pictures.
enum PictureFile {
    /// The program that makes PNG of SVG.
    static func converter() throws -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let found = folders.map { "\($0)/rsvg-convert" }
            .first(where: FileManager.default.isExecutableFile)
        guard let found else {
            throw ProgramFailure(
                status: .usage,
                problem: "no rsvg-convert on PATH, which makes PNG of SVG",
                remedy: "apt-get install librsvg2-bin, or name a file that ends in .svg"
            )
        }
        return found
    }

    static func writePNG(_ svg: String, width: Int, to path: String) throws {
        let drawing = FileManager.default.temporaryDirectory
            .appendingPathComponent("chronotope-\(UUID().uuidString).svg")
        defer { try? FileManager.default.removeItem(at: drawing) }
        try OutputFile.write(Data(svg.utf8), to: drawing.path)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try converter())
        process.arguments = ["--width", "\(width)", "--output", path, drawing.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProgramFailure(
                status: .usage,
                problem: "rsvg-convert ended in \(process.terminationStatus) on \(path)",
                remedy: "name another file with --out, or one that ends in .svg"
            )
        }
    }
}
