/// Finds what someone probably meant to type.
package enum NearestKey {
    /// The nearest of `known`, or nil where none is near: more than a third of the letters would change.
    /// Ties go to the earlier one.
    package static func nearest(to text: String, among known: [String]) -> String? {
        let allowed = max(2, text.count / 3)
        let measured = known.enumerated().map { (distance(text, $0.element), $0.offset) }
        guard let best = measured.min(by: { $0 < $1 }), best.0 <= allowed else { return nil }
        return known[best.1]
    }

    /// Edits between two words: insert, delete, replace, or swap two neighbours (optimal string
    /// alignment). O(n · m).
    package static func distance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first), Array(second))
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
                var best = min(replaced, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
