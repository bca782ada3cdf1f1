/// The ordinal encoding of a set of ids: dense indices in the order of the ids' UTF-8 bytes.
///
/// Sorted, so that the same set gives the same indices whatever order it arrived in.
package struct Vocabulary: Hashable, Sendable {
    /// Ascending by UTF-8 bytes, without repeats.
    package let ids: [String]
    private let indices: [String: Int32]

    package init(_ ids: some Sequence<String>) {
        self.init(sortedIDs: Set(ids).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    /// `sortedIDs` must ascend strictly by UTF-8 bytes, as a stored vocabulary does.
    package init(sortedIDs: [String]) {
        self.ids = sortedIDs
        self.indices = Dictionary(
            uniqueKeysWithValues: sortedIDs.enumerated().map { ($1, Int32($0)) }
        )
    }

    package var count: Int { ids.count }
    package func index(of id: String) -> Int32? { indices[id] }
}
