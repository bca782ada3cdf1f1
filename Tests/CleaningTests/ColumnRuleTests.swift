import Cleaning
import Events
import Propagation
import Testing

@Suite("rules for a column of numbers")
struct ColumnRuleTests {
    @Test("agree with the independent program on outliers, treatments and fills")
    func golden() throws {
        let golden = try CleaningSupport.Golden<ColumnCase>.read("columns.json")
        #expect(golden.cases.count == 36)
        #expect(golden.cases.contains { $0.outliers.isEmpty })
        for (number, example) in golden.cases.enumerated() {
            let outliers = try #require(OutlierRule(text: example.rule))
            for (name, expected) in example.fill {
                let missing = try #require(MissingRule(text: name))
                let rule = NumberRule(missing: missing, outliers: outliers)
                let fit = try #require(NumberFit(example.values, rule: rule))
                let after = example.values.compactMap { value -> Double? in
                    switch fit.outcome(of: value, rule, nearest: { nil }) {
                    case .kept(let value), .outlying(let value), .missing(let value): value
                    }
                }
                let fill = fit.outcome(of: nil, rule) { nil }
                guard case .missing(let filled?) = fill else {
                    Issue.record("case \(number): \(fill)")
                    continue
                }
                let label = "case \(number) \(example.rule) \(name)"
                let found = CleaningSupport.distance(after + [filled], example.after + [expected])
                #expect(found <= golden.tolerance, "\(label)")
                let outside = example.values.indices.filter {
                    example.values[$0] < fit.low || example.values[$0] > fit.high
                }
                #expect(outside == example.outliers, "\(label)")
            }
        }
    }

    private struct ColumnCase: Decodable {
        var values: [Double]
        var rule: String
        var outliers: [Int]
        var after: [Double]
        var fill: [String: Double]
    }

    @Test("a constant column has no outliers and standardizes to zeros, not to NaN")
    func constant() throws {
        for measure in OutlierRule.Measure.allCases {
            let outliers = OutlierRule(measure, threshold: 2, .standardize)
            let rule = NumberRule(outliers: outliers)
            // Thirds and tenths: sums of them are not exact.
            for value in [0, 0.1, 1.0 / 3, -1e300, Double.leastNonzeroMagnitude] {
                let fit = try #require(NumberFit(Array(repeating: value, count: 7), rule: rule))
                #expect(fit.scale == 1 && fit.standardized(value) == 0, "\(measure) \(value)")
            }
        }
    }

    @Test("standardized training columns have mean 0 and deviation 1", arguments: 0..<10)
    func standardized(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let values = (0..<50).map { _ in 1e6 + generator.nextNormalPair().0 * 3 }
        let rule = NumberRule(outliers: .standardization)
        let fit = try #require(NumberFit(values, rule: rule))
        let after = try #require(ColumnStatistics(of: values.map(fit.standardized)))
        #expect(abs(after.mean) < 1e-9 && abs(after.standardDeviation - 1) < 1e-9, "seed \(seed)")
        #expect(NumberFit(values.reversed(), rule: rule) == fit, "the order shows")
    }

    @Test("no numbers make no fit; texts of rules and fits come back")
    func texts() throws {
        #expect(NumberFit([], rule: NumberRule(missing: .mean)) == nil)
        let rules: [MissingRule] = [
            .mean, .median, .nearestInTime, .nearestInSpace, .constant(-0.1), .drop,
        ]
        for rule in rules { #expect(MissingRule(text: rule.text) == rule) }
        for measure in OutlierRule.Measure.allCases {
            for treatment in OutlierRule.Treatment.allCases {
                let rule = OutlierRule(measure, threshold: 2.5, treatment)
                #expect(OutlierRule(text: rule.text) == rule)
            }
        }
        let fit = try #require(NumberFit([0.1, 0.2, 1.0 / 3], rule: NumberRule(missing: .mean)))
        #expect(NumberFit(text: fit.text) == fit && fit.low == -.infinity)
    }
}

@Suite("nearest rows")
struct NearestRowsTests {
    @Test("the nearest in time is the nearest, the earlier of two")
    func time() {
        let rows = NearestInTime(
            [(10, 1.0), (20, 2), (20, 9), (40, 4)].map {
                (CleaningSupport.instant($0.0), $0.1)
            }
        )
        let asked: [Int64] = [0, 10, 14, 15, 16, 20, 30, 31, 99]
        #expect(
            asked.map { rows.value(at: CleaningSupport.instant($0)) }
                == [1, 1, 1, 1, 2, 2, 2, 4, 4]
        )
        #expect(NearestInTime([]).value(at: CleaningSupport.instant(0)) == nil)
    }

    @Test("the nearest in space is the one that looking at all rows finds", arguments: 0..<20)
    func space(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        // Coarse, so that places repeat; across the date line and at the poles.
        func place() throws -> Place {
            try #require(
                Place(
                    latitudeDegrees: Double(Int.random(in: -9...9, using: &generator)) * 10,
                    longitudeDegrees: Double(Int.random(in: -9...9, using: &generator)) * 20
                )
            )
        }
        let rows = try (0..<60).map { (place: try place(), value: Double($0)) }
        let nearest = NearestInSpace(rows)
        #expect(nearest.rows.map(\.value) == rows.map(\.value))
        for _ in 0..<40 {
            let asked = try place()
            let expected = rows.min {
                asked.distanceMeters(to: $0.place) < asked.distanceMeters(to: $1.place)
            }
            #expect(nearest.value(at: asked) == expected?.value, "seed \(seed) at \(asked)")
        }
        #expect(NearestInSpace([]).value(at: try place()) == nil)
    }
}
