/// A piece of SVG or HTML: an element with attributes and children, or text.
package indirect enum Markup: Hashable, Sendable {
    case element(name: String, attributes: [Attribute], children: [Markup])
    /// Written with its markup characters escaped.
    case text(String)

    package struct Attribute: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    package init(
        _ name: String,
        _ attributes: KeyValuePairs<String, String> = [:],
        _ children: [Markup] = []
    ) {
        self = .element(
            name: name,
            attributes: attributes.map { Attribute(name: $0.key, value: $0.value) },
            children: children
        )
    }

    package init(_ name: String, _ attributes: KeyValuePairs<String, String>, _ text: String) {
        self.init(name, attributes, [.text(text)])
    }

    /// Elements that may stand without an end tag in HTML and in SVG.
    private static let emptyElements: Set<String> = [
        "circle", "line", "meta", "path", "rect", "br", "polygon",
    ]

    /// Well-formed XML, and HTML.
    package var serialized: String {
        var output = ""
        write(to: &output)
        return output
    }

    private func write(to output: inout String) {
        switch self {
        case .text(let text): Self.escape(text, to: &output)
        case .element(let name, let attributes, let children):
            output += "<\(name)"
            for attribute in attributes {
                output += " \(attribute.name)=\""
                Self.escape(attribute.value, to: &output)
                output += "\""
            }
            if children.isEmpty, Self.emptyElements.contains(name) {
                output += "/>"
                return
            }
            output += ">"
            for child in children { child.write(to: &output) }
            output += "</\(name)>"
        }
    }

    /// Control characters, which XML cannot hold, become U+FFFD.
    private static func escape(_ text: String, to output: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "\n", "\t": output.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}
