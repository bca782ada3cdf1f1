import Events
import Models
import Testing

/// Views, carts and purchases over the items of `ChronotopeWorld`.
private struct Shop {
    var world: ChronotopeWorld
    var history: UserHistory
    let actions = Vocabulary(["buy", "cart", "view"])
    let behaviours: ChronotopeBehaviours
    var statistics: LiveStatistics

    /// - Parameter hasOrder: whether events have instants of their own.
    init(seed: UInt64, hasOrder: Bool) {
        world = ChronotopeWorld(seed: seed)
        behaviours = ChronotopeBehaviours(["buy"], in: actions)
        statistics = LiveStatistics(catalogue: CatalogueIndex(world.table.catalogue))
        var entries: [UserHistory.Entry] = []
        for (index, row) in world.table.rows.enumerated() {
            var entry = ChronotopeWorld.entry(row)
            entry.action = Int16(index % 3)
            if !hasOrder { entry.instant = Instant(secondsSinceEpoch: 0) }
            statistics.record(entry, after: nil)
            if row.user == 0 { entries.append(entry) }
        }
        history = UserHistory(entries)
    }

    func example(_ history: UserHistory, target: Int32, masked: [Int32]) -> ChronotopeExample {
        ChronotopeExample(
            Question(history: history),
            target: target,
            masked: masked,
            statistics: statistics,
            embeddings: world.embeddings(),
            behaviours: behaviours
        )
    }
}

@Suite("chronotope over several behaviours")
struct ChronotopeBehavioursTests {
    @Test("the gradient agrees with finite differences, masked items included", arguments: 1...3)
    func finiteDifferences(seed: UInt64) {
        for hasOrder in [true, false] {
            var shop = Shop(seed: seed, hasOrder: hasOrder)
            let example = shop.example(shop.history, target: 7, masked: [3, 4, 30])
            let parameters = shop.world.randomHead().parameters
            let head = ChronotopeHead(parameters: parameters, itemCount: ChronotopeWorld.itemCount)
            var gradient = [Float](repeating: 0, count: parameters.count)
            _ = head.addGradient(of: example, to: &gradient)
            let direction = parameters.map { _ in
                Float.random(in: -1...1, using: &shop.world.generator)
            }
            let slope = zip(direction, gradient).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let loss = { (step: Float) in
                let moved = zip(parameters, direction).map { $0 + step * $1 }
                return ChronotopeHead(parameters: moved, itemCount: ChronotopeWorld.itemCount)
                    .outcome(of: example).loss
            }
            let estimates = [2e-3, 5e-4, 1e-4].map { (step: Double) -> Double in
                (loss(Float(step)) - loss(-Float(step))) / (2 * step)
            }
            let measured = estimates.min { abs($0 - slope) < abs($1 - slope) } ?? .nan
            #expect(
                abs(measured - slope) <= 0.02 * max(0.5, abs(slope)),
                "seed \(seed), ordered \(hasOrder): gradient \(slope), measured \(measured)"
            )
        }
    }

    @Test("events of one instant have no order: no shuffle of them shows in a score")
    func noOrder() {
        var shop = Shop(seed: 4, hasOrder: false)
        let head = shop.world.randomHead()
        let losses = (0..<4).map { _ in
            let entries = shop.history.entries.shuffled(using: &shop.world.generator)
            let example = shop.example(UserHistory(entries), target: 7, masked: [])
            return head.outcome(of: example).loss
        }
        #expect(losses.allSatisfy { abs($0 - losses[0]) < 1e-4 }, "\(losses)")
        let links = shop.statistics.transitions(from: 0)
        #expect(links.isEmpty)
    }

    @Test("what was done counts: the same items, viewed instead of bought, score otherwise")
    func actions() {
        var shop = Shop(seed: 5, hasOrder: true)
        let head = shop.world.randomHead()
        var viewed = shop.history.entries
        for index in viewed.indices { viewed[index].action = 2 }
        let losses = [shop.history, UserHistory(viewed)].map {
            head.outcome(of: shop.example($0, target: 7, masked: [])).loss
        }
        #expect(abs(losses[0] - losses[1]) > 1e-3, "\(losses)")
    }

    @Test("a masked item takes no probability: the loss falls, and its slope is zero")
    func masks() {
        var shop = Shop(seed: 6, hasOrder: true)
        let head = shop.world.randomHead()
        let open = head.outcome(of: shop.example(shop.history, target: 7, masked: []))
        let masked = head.outcome(of: shop.example(shop.history, target: 7, masked: [1, 2]))
        #expect(masked.loss < open.loss)
        #expect(masked.rank <= open.rank)
        var gradient = [Float](repeating: 0, count: head.parameters.count)
        _ = head.addGradient(
            of: shop.example(shop.history, target: 7, masked: [1, 2]),
            to: &gradient
        )
        let biases = gradient.dropLast(ChronotopeHead.initialKernels.count)
            .suffix(ChronotopeWorld.itemCount)
        #expect(biases.enumerated().allSatisfy { ($1 == 0) == [1, 2].contains($0) })
    }

    @Test("a part that a head is without adds nothing and learns nothing")
    func without() {
        var shop = Shop(seed: 7, hasOrder: true)
        let parameters = shop.world.randomHead().parameters
        let example = shop.example(shop.history, target: 7, masked: [])
        let head = ChronotopeHead(
            parameters: parameters,
            itemCount: ChronotopeWorld.itemCount,
            without: Set(ChronotopePart.allCases)
        )
        var gradient = [Float](repeating: 0, count: parameters.count)
        let outcome = head.addGradient(of: example, to: &gradient)
        #expect(gradient.allSatisfy { $0 == 0 })
        // All scores are equal: the target is one of n, in the middle of them.
        #expect(abs(outcome.rank - Double(ChronotopeWorld.itemCount + 1) / 2) < 1e-9)
    }

    @Test("settings of behaviours and parts read back, and unknown parts are refused by name")
    func settings() throws {
        var settings = ChronotopeSettings()
        try settings.set([
            "target-actions": "buy order", "repeats": "false", "action-weights": "1 0.5",
            "without": "place,sequence", "answers-without-history": "true",
        ])
        #expect(settings.targetActions == ["buy", "order"])
        #expect(settings.without == [.place, .sequence])
        #expect(try ChronotopeSettings(texts: settings.texts) == settings)
        let error = #expect(throws: ModelError.self) {
            try ChronotopeSettings(texts: ["without": "weather"])
        }
        #expect(error?.problem.contains("weather") == true)
        #expect(error?.remedy.contains("sequence") == true)
    }
}
