/// The colours of a mode.
///
/// Series are from Okabe and Ito 2008, ramps run in lightness: both stay apart for every common kind
/// of colour blindness. Text has a contrast of at least 4.5 on paper and card, marks at least 3
/// (WCAG 2.2, 1.4.3 and 1.4.11); tests compute it.
package struct Theme: Hashable, Sendable {
    package var paper: String
    package var card: String
    package var text: String
    /// Axis labels, notes.
    package var quietText: String
    package var grid: String
    /// Marks without a claim of their own, behind others.
    package var quietMark: String
    package var link: String
    /// The first is ours.
    package var series: [String]
    /// From none to most, 8 steps.
    package var ramp: [String]

    package static let light = Theme(
        paper: "#f5f6f8",
        card: "#ffffff",
        text: "#1a1f26",
        quietText: "#55606d",
        grid: "#d9dee5",
        quietMark: "#868f9a",
        link: "#0a5ea8",
        series: ["#0072b2", "#c2500a", "#00805e", "#a5488a"],
        ramp: [
            "#eef1f5", "#d6ebd2", "#aadfc0", "#72c9bd", "#3eabbf", "#2186b8", "#215ea3",
            "#142f73",
        ]
    )

    package static let dark = Theme(
        paper: "#12161b",
        card: "#1a2027",
        text: "#e8ecf1",
        quietText: "#a6b1bd",
        grid: "#333c47",
        quietMark: "#7d8894",
        link: "#6bb8f5",
        series: ["#56b4e9", "#f0964a", "#3fc19b", "#e39ac6"],
        ramp: [
            "#252d37", "#23406b", "#235a94", "#237bb0", "#34a0b8", "#6cc4ac", "#b0dfa0",
            "#f2f6b0",
        ]
    )

    /// The ramp's last index.
    package static let rampTop = 7

    /// The rules of a drawing's classes.
    package var drawingRules: String {
        var rules = [
            "text{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:11px;fill:\(text)}",
            ".quiet{fill:\(quietText)}", ".strong{font-weight:600}",
            ".end{text-anchor:end}", ".middle{text-anchor:middle}",
            ".small{font-size:9.5px}",
            ".grid{stroke:\(grid);fill:none}", ".axis{stroke:\(quietText);fill:none}",
            ".card{fill:\(card)}", ".outline{stroke:\(card);stroke-width:0.6}",
            ".dot{fill:\(quietMark);fill-opacity:0.45}",
            ".faint{stroke:\(quietMark);stroke-opacity:0.5;fill:none}",
            ".faintfill{fill:\(quietMark);fill-opacity:0.6}",
            ".dashed{stroke-dasharray:4 3}",
        ]
        for (index, colour) in series.enumerated() {
            rules.append(".fill\(index){fill:\(colour)}")
            rules.append(".line\(index){stroke:\(colour);fill:none;stroke-width:2}")
            rules.append(".arc\(index){stroke:\(colour);fill:none}")
        }
        for (index, colour) in ramp.enumerated() { rules.append(".q\(index){fill:\(colour)}") }
        return rules.joined(separator: "\n")
    }
}
