/// A drawing with what it says in words and as a table.
package struct Figure: Hashable, Sendable {
    /// Unique within a page: a letter, then letters, digits and hyphens.
    package var id: String
    package var title: String
    /// What is drawn, in a sentence or two: axes, units, colours.
    package var summary: String
    package var width: Double
    package var height: Double
    package var marks: [Markup]
    package var table: DataTable

    /// What every figure is wide, in pixels: text of 11 px stays readable on a phone 360 px wide.
    package static let standardWidth = 420.0

    package init(
        id: String,
        title: String,
        summary: String,
        width: Double = Figure.standardWidth,
        height: Double,
        marks: [Markup],
        table: DataTable
    ) {
        self.id = id
        self.title = title
        self.summary = summary
        self.width = width
        self.height = height
        self.marks = marks
        self.table = table
    }

    /// For a page that has the rules of both themes.
    package var inline: Markup { svg([]) }

    /// A file of its own.
    ///
    /// - Parameter theme: the colours; nil: light ones, and dark ones where the reader prefers them.
    package func standalone(_ theme: Theme? = nil) -> String {
        var rules = (theme ?? .light).drawingRules
        if theme == nil {
            rules += "\n@media (prefers-color-scheme:dark){\n\(Theme.dark.drawingRules)\n}"
        }
        let background = Markup(
            "rect",
            ["class": "card", "width": "100%", "height": "100%"]
        )
        let heading = Markup("text", ["class": "strong", "x": "12", "y": "16"], title)
        let drawing = Markup("g", ["transform": "translate(0 24)"], marks)
        var copy = self
        copy.height += 24
        copy.marks = [background, heading, drawing]
        return copy.svg([Markup("style", [:], rules)]).serialized + "\n"
    }

    private func svg(_ head: [Markup]) -> Markup {
        let size = "\(NumberText.coordinate(width)) \(NumberText.coordinate(height))"
        return Markup(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(size)", "role": "img",
                "width": NumberText.coordinate(width), "height": NumberText.coordinate(height),
                "aria-labelledby": "\(id)-title \(id)-summary", "class": "figure",
            ],
            [
                Markup("title", ["id": "\(id)-title"], title),
                Markup("desc", ["id": "\(id)-summary"], summary),
            ] + head + marks
        )
    }
}

/// The numbers behind a figure.
package struct DataTable: Hashable, Sendable {
    package var columns: [String]
    /// Each as long as `columns`; the first column names the row.
    package var rows: [[String]]

    package init(columns: [String], rows: [[String]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "ragged rows")
        self.columns = columns
        self.rows = rows
    }
}
