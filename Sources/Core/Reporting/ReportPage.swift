internal import Charts

extension Report {
    /// One HTML page without scripts that fetches nothing: styles and drawings are in it, and its
    /// policy refuses everything else.
    package var page: String {
        let head = Markup(
            "head",
            [:],
            [
                Markup("meta", ["charset": "utf-8"]),
                Markup(
                    "meta",
                    [
                        "http-equiv": "Content-Security-Policy",
                        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
                    ]
                ),
                Markup(
                    "meta",
                    ["name": "viewport", "content": "width=device-width, initial-scale=1"]
                ),
                Markup("meta", ["name": "color-scheme", "content": "light dark"]),
                Markup("title", [:], "\(title) · Chronotope report"),
                Markup("style", [:], ReportStyle.rules),
            ]
        )
        let body = Markup(
            "body",
            [:],
            [
                Markup("a", ["class": "skip", "href": "#main"], "Skip to the report"),
                header,
                navigation,
                Markup("main", ["id": "main"], sections.map(Self.markup)),
                Markup(
                    "footer",
                    [:],
                    "Made by chronotope report. The page holds all that it shows; nothing is fetched."
                ),
            ]
        )
        return "<!doctype html>\n" + Markup("html", ["lang": "en"], [head, body]).serialized + "\n"
    }

    private var header: Markup {
        Markup(
            "header",
            [:],
            [
                Markup("h1", [:], title),
                Markup(
                    "dl",
                    ["class": "facts"],
                    facts.map { fact in
                        Markup(
                            "div",
                            [:],
                            [Markup("dt", [:], fact.name), Markup("dd", [:], fact.value)]
                        )
                    }
                ),
            ]
        )
    }

    private var navigation: Markup {
        Markup(
            "nav",
            ["aria-label": "Sections"],
            sections.map { Markup("a", ["href": "#\($0.id)"], $0.title) }
        )
    }

    private static func markup(_ section: Section) -> Markup {
        var children = [
            Markup("h2", ["id": "\(section.id)-title"], section.title),
            Markup("p", ["class": "words"], section.words),
        ]
        children += section.notes.map { Markup("p", ["class": "note"], $0) }
        let lists = section.lists.map { list in
            Markup(
                "div",
                [:],
                [
                    Markup("h3", [:], list.title),
                    Markup("ol", [:], list.sentences.map { Markup("li", [:], $0) }),
                ]
            )
        }
        let cards = section.figures.map(markup) + lists
        if !cards.isEmpty { children.append(Markup("div", ["class": "cards"], cards)) }
        return Markup(
            "section",
            ["id": section.id, "aria-labelledby": "\(section.id)-title"],
            children
        )
    }

    private static func markup(_ figure: Figure) -> Markup {
        Markup(
            "figure",
            ["class": "card-box"],
            [
                Markup("figcaption", [:], figure.title),
                figure.inline,
                Markup("p", ["class": "summary"], figure.summary),
                Markup(
                    "details",
                    [:],
                    [
                        Markup("summary", [:], "Numbers: \(figure.title)"),
                        Markup(
                            "div",
                            [
                                "class": "scroll", "tabindex": "0", "role": "region",
                                "aria-label": "Numbers: \(figure.title)",
                            ],
                            [markup(figure.table)]
                        ),
                    ]
                ),
            ]
        )
    }

    private static func markup(_ table: DataTable) -> Markup {
        let head = table.columns.map { Markup("th", ["scope": "col"], $0) }
        let rows = table.rows.map { row in
            Markup(
                "tr",
                [:],
                row.enumerated().map { column, text in
                    column == 0
                        ? Markup("th", ["scope": "row"], text) : Markup("td", [:], text)
                }
            )
        }
        return Markup(
            "table",
            [:],
            [
                Markup("thead", [:], [Markup("tr", [:], head)]),
                Markup("tbody", [:], rows),
            ]
        )
    }
}
