/// The plot area of a chart with two axes, grid lines and labels.
struct Frame {
    var left = 46.0
    var right = 12.0
    var top = 24.0
    var bottom = 38.0
    var width = Figure.standardWidth
    var height: Double
    let x: LinearScale
    let y: LinearScale

    init(x: ClosedRange<Double>, y: ClosedRange<Double>, height: Double) {
        self.height = height
        self.x = LinearScale(x, start: left, end: width - right)
        self.y = LinearScale(y, start: height - bottom, end: top)
    }

    /// - Parameters:
    ///   - xTicks: where, and what is written there.
    ///   - yTitle: stands above the axis, with its unit.
    func axes(
        xTicks: [(Double, String)],
        xTitle: String,
        yTicks: [(Double, String)],
        yTitle: String
    ) -> [Markup] {
        var marks: [Markup] = []
        for (value, words) in yTicks {
            let position = y.position(of: value)
            marks.append(Marks.line(left, position, width - right, position, class: "grid"))
            marks.append(Marks.label(left - 6, position + 4, words, class: "quiet end"))
        }
        for (value, words) in xTicks {
            let position = x.position(of: value)
            marks.append(Marks.line(position, y.start, position, y.start + 4, class: "axis"))
            let place = position > width - 24 ? "end" : "middle"
            marks.append(Marks.label(position, y.start + 16, words, class: "quiet \(place)"))
        }
        marks.append(Marks.line(left, y.start, width - right, y.start, class: "axis"))
        marks.append(Marks.label(4, 12, yTitle, class: "quiet"))
        marks.append(Marks.label(width - right, height - 6, xTitle, class: "quiet end"))
        return marks
    }

    /// A row of swatches with words, from the right end of the head line.
    func legend(_ entries: [(swatch: String, words: String)]) -> [Markup] {
        var marks: [Markup] = []
        var position = width - right
        for (swatch, words) in entries.reversed() {
            position -= Double(words.count) * 5.9
            marks.append(Marks.label(position, 12, words))
            position -= 14
            marks.append(Marks.rectangle(position, 4, 10, 8, class: swatch))
            position -= 8
        }
        return marks
    }
}
