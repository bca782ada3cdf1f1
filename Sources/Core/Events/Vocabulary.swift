internal import OrderedCollections

/// The ordinal encoding of a set of ids: dense indices in the order of the ids' UTF-8 bytes.
///
/// Sorted, so that the same set gives the same indices whatever order it arrived in.
package struct Vocabulary: Hashable, Sendable {
    /// A list and an index of some 5 bytes an id, made in a fifth of the time of a dictionary.
    private let elements: OrderedSet<String>

    package init(_ ids: some Sequence<String>) {
        self.init(sortedIDs: Set(ids).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    /// `sortedIDs` must ascend strictly by UTF-8 bytes, as a stored vocabulary does.
    package init(sortedIDs: [String]) {
        elements = OrderedSet(uncheckedUniqueElements: sortedIDs)
    }

    /// Ascending by UTF-8 bytes, without repeats.
    package var ids: [String] { elements.elements }
    package var count: Int { elements.count }
    package func index(of id: String) -> Int32? { elements.firstIndex(of: id).map { Int32($0) } }
}
