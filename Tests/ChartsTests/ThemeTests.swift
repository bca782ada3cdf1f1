import Charts
import Foundation
import Testing

@Suite("colours")
struct ThemeTests {
    @Test("text has a contrast of 4.5 and marks of 3 on paper and card", arguments: [true, false])
    func contrast(isLight: Bool) throws {
        let theme: Theme = isLight ? .light : .dark
        for ground in [theme.paper, theme.card] {
            for ink in [theme.text, theme.quietText, theme.link] {
                #expect(try ratio(ink, ground) >= 4.5, "\(ink) on \(ground)")
            }
        }
        for ink in theme.series + [theme.quietMark] {
            #expect(try ratio(ink, theme.card) >= 3, "\(ink) on \(theme.card)")
        }
        #expect(try ratio(theme.paper, theme.text) >= 4.5)
    }

    @Test("a ramp changes its lightness step by step, so that it reads without colour")
    func ramps() throws {
        for theme in [Theme.light, .dark] {
            let steps = try theme.ramp.map(luminance)
            #expect(steps.count == Theme.rampTop + 1)
            let isRising = zip(steps, steps.dropFirst()).map { $0 < $1 }
            #expect(Set(isRising).count == 1, "\(steps)")
        }
    }

    @Test("light and dark name the same classes")
    func sameClasses() {
        func names(_ theme: Theme) -> Set<Substring> {
            Set(
                theme.drawingRules.split(separator: "\n").compactMap {
                    $0.split(separator: "{").first
                }
            )
        }
        #expect(names(.light) == names(.dark))
    }

    /// WCAG 2.2: contrast ratio.
    private func ratio(_ one: String, _ other: String) throws -> Double {
        let (a, b) = (try luminance(one), try luminance(other))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// WCAG 2.2: relative luminance of "#rrggbb".
    private func luminance(_ colour: String) throws -> Double {
        let value = try #require(Int(colour.dropFirst(), radix: 16))
        let channels = [16, 8, 0].map { shift -> Double in
            let channel = Double(value >> shift & 255) / 255
            return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
}
