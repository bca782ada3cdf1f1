/// Anything with a place in a ranked list.
protocol Ranked {
    /// A strict total order: best first.
    func ranks(before other: Self) -> Bool
}

/// The best entries so far: a heap whose root is the one to lose next.
struct Best<Entry: Ranked> {
    let limit: Int
    private var heap: [Entry] = []

    /// - Parameter limit: at least 1.
    init(limit: Int) {
        self.limit = limit
        heap.reserveCapacity(limit)
    }

    var isFull: Bool { heap.count == limit }
    /// The one to lose next; nil where there is none yet.
    var worst: Entry? { heap.first }

    mutating func offer(_ candidate: Entry) {
        if heap.count < limit {
            heap.append(candidate)
            siftUp(heap.count - 1)
        } else if candidate.ranks(before: heap[0]) {
            heap[0] = candidate
            siftDown()
        }
    }

    consuming func sorted() -> [Entry] {
        heap.sort { $0.ranks(before: $1) }
        return heap
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[parent].ranks(before: heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in (2 * parent + 1)..<(2 * parent + 3) where child < heap.count {
                if heap[worst].ranks(before: heap[child]) { worst = child }
            }
            guard worst != parent else { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
