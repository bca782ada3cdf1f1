internal import Charts

/// The page's rules: light, and dark where the reader prefers it.
enum ReportStyle {
    /// Colours come last: a shorthand as `border` would set them back.
    static let rules =
        layout + "\n" + colours(.light) + "\n@media (prefers-color-scheme:dark){\n"
        + colours(.dark) + "\n}"

    private static func colours(_ theme: Theme) -> String {
        """
        body{background:\(theme.paper);color:\(theme.text)}
        .card-box,.facts div{background:\(theme.card);border-color:\(theme.grid)}
        .words,.summary,dt,footer,thead th{color:\(theme.quietText)}
        a,summary{color:\(theme.link)}
        nav{background:\(theme.paper);border-color:\(theme.grid)}
        .note{background:\(theme.card);border-color:\(theme.series[1]);color:\(theme.text)}
        th,td{border-color:\(theme.grid)}
        .skip{background:\(theme.text);color:\(theme.paper)}
        :focus-visible{outline-color:\(theme.link)}
        \(theme.drawingRules)
        """
    }

    private static let layout = """
        *{box-sizing:border-box}
        html{scroll-behavior:smooth;scroll-padding-top:56px}
        body{margin:0;font:16px/1.5 system-ui,'DejaVu Sans',sans-serif}
        header,main,footer{max-width:1120px;margin:0 auto;padding:0 16px}
        h1{font-size:28px;line-height:1.2;margin:28px 0 16px}
        h2{font-size:22px;margin:40px 0 4px}
        h3{font-size:16px;margin:8px 0 4px}
        .facts{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 16px}
        .facts div{border:1px solid;border-radius:8px;padding:6px 14px}
        dt{font-size:12px}
        dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
        nav{position:sticky;top:0;z-index:1;border-bottom:1px solid;display:flex;gap:4px;overflow-x:auto;padding:8px max(16px,calc((100vw - 1088px)/2))}
        nav a{white-space:nowrap;padding:6px 10px;border-radius:6px;text-decoration:none}
        nav a:hover{text-decoration:underline}
        .words{margin:0 0 16px;max-width:72ch}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px;align-items:start}
        .card-box{margin:0;border:1px solid;border-radius:10px;padding:14px 16px;min-width:0;max-width:560px}
        figcaption{font-weight:600;margin-bottom:8px}
        svg.figure{display:block;width:100%;height:auto}
        .summary{font-size:14px;margin:8px 0}
        .note{border:1px solid;border-left-width:4px;border-radius:6px;padding:8px 12px;max-width:72ch}
        summary{cursor:pointer;font-size:14px;padding:4px 0}
        .scroll{overflow:auto;max-height:360px}
        table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
        th,td{border-bottom:1px solid;padding:3px 8px;text-align:right;white-space:nowrap;font-weight:400}
        th:first-child{text-align:left}
        ol{padding-left:28px;max-width:90ch;margin:0;font-size:15px}
        li{margin:4px 0}
        .skip{position:absolute;left:-9999px;padding:8px 12px}
        .skip:focus{left:8px;top:8px;z-index:2}
        :focus-visible{outline:3px solid;outline-offset:2px}
        footer{font-size:14px;padding-top:32px;padding-bottom:32px}
        @media (max-width:480px){.card-box{padding:10px 6px}header,main,footer{padding-left:10px;padding-right:10px}}
        @media print{nav,.skip,details{display:none}.card-box{break-inside:avoid}}
        """
}
