internal import Events
internal import Kernels

/// Which items lie within a kilometre of each target, and how far all others are.
package struct NearItems: Sendable {
    /// Within a quarter of an hour on foot: a wrong place that near may still do.
    package static let radiusMeters = 1_000.0

    private let items: [Int32: [Int32]]
    private let places: [Place?]

    /// - Complexity: O(distinct targets · items).
    package init(_ place: NextPlaceProtocol) {
        let places = place.data.catalogue.place
        self.places = places
        let targets = Set(place.instances.map(\.target).filter { $0 >= 0 }).sorted()
        items = Dictionary(
            uniqueKeysWithValues: targets.map { target in
                (
                    target,
                    places.indices.filter { item in
                        guard let here = places[Int(target)], let there = places[item] else {
                            return item == target
                        }
                        return here.distanceMeters(to: there) <= Self.radiusMeters
                    }.map { Int32($0) }
                )
            }
        )
    }

    /// The target among them; empty for a target outside the training vocabulary.
    func items(near target: Int32) -> [Int32] { items[target] ?? [] }

    /// nil where one of the places is unknown.
    func kilometers(from item: Int32, to target: Int32) -> Double? {
        guard
            target >= 0, let here = places[Int(item)], let there = places[Int(target)]
        else { return nil }
        return here.distanceMeters(to: there) / 1_000
    }
}

/// What the rankings of a next-place protocol came to.
package struct NextPlaceAnswers: Sendable {
    /// The length of the lists.
    static let listLength = 10

    struct Answer: Sendable {
        /// The expected rank of the target; ∞ where training lacks it.
        var rank: Double
        var itemCount: Int
        var list: [Int32]
        /// The expected rank of the best item within a kilometre of the target.
        var nearRank: Double
        /// From the first answer to the target; nil where a place is unknown.
        var kilometers: Double?

        /// - Parameter scores: shape [items]; none is masked.
        init<Score: BinaryFloatingPoint>(_ scores: [Score], target: Int32, near: NearItems?) {
            rank = target < 0 ? .infinity : Metrics.expectedRank(of: Int(target), in: scores)
            itemCount = scores.count
            nearRank = .infinity
            list = []
            guard let near else { return }
            list = Self.best(of: scores)
            let best = near.items(near: target).max { left, right in
                scores[Int(left)] < scores[Int(right)]
            }
            if let best { nearRank = Metrics.expectedRank(of: Int(best), in: scores) }
            kilometers = list.first.flatMap { near.kilometers(from: $0, to: target) }
        }

        /// The first items; float64 scores are told apart in full.
        private static func best<Score: BinaryFloatingPoint>(of scores: [Score]) -> [Int32] {
            if let scores = scores as? [Float] {
                return KernelVariant.best.topK(listLength, of: scores.span).map(\.index)
            }
            var best: [Int32] = []
            for item in scores.indices where scores[item] > -.infinity {
                var place = best.count
                while place > 0, scores[Int(best[place - 1])] < scores[item] { place -= 1 }
                guard place < listLength else { continue }
                best.insert(Int32(item), at: place)
                if best.count > listLength { best.removeLast() }
            }
            return best
        }
    }

    let answers: [Answer]

    init(_ answers: [Answer]) { self.answers = answers }

    /// Expected ranks of the targets, in the order of the instances.
    package var ranks: [Double] { answers.map(\.rank) }

    /// `acc@k`, `ndcg@k`, … as of any list, and `within-1km@k`: a place within a kilometre of the
    /// target among the first k; `median-km`: from the first answer to the target, over the
    /// instances whose places are known.
    package func outcomes(_ context: Outcomes.ListContext) -> Outcomes {
        let ranked = answers.map { answer in
            RankedInstance(
                ranks: answer.rank.isFinite ? [answer.rank] : [],
                relevantCount: 1,
                candidateCount: answer.itemCount,
                list: answer.list
            )
        }
        let lists = Outcomes(
            ranked,
            cutoffs: [1, 5, Self.listLength],
            hitName: "acc",
            context: context
        )
        let columns = [
            ("acc@20", answers.map { Metrics.hit(at: 20, rank: $0.rank) }),
            ("within-1km@1", answers.map { Metrics.hit(at: 1, rank: $0.nearRank) }),
            ("within-1km@10", answers.map { Metrics.hit(at: 10, rank: $0.nearRank) }),
        ]
        let kilometers = answers.compactMap(\.kilometers).sorted()
        let median = kilometers.isEmpty ? [] : [("median-km", Self.median(of: kilometers))]
        return Outcomes(
            lists.columns + columns,
            whole: lists.whole + median,
            instanceCount: answers.count
        )
    }

    /// - Parameter sorted: ascending, not empty.
    private static func median(of sorted: [Double]) -> Double {
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
