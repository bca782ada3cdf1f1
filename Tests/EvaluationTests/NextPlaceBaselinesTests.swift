import Evaluation
import Events
import Testing
import Workers

@Suite("next-place baselines")
struct NextPlaceBaselinesTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    @Test("agree with the independent program on every protocol and part of the golden town")
    func golden() throws {
        let golden = try NextPlaceGolden.read()
        let data = try NextPlaceFixture.read(NextPlaceFixture.goldenFolder)
        #expect(golden.cases.count == 6)
        for expected in golden.cases {
            let name = try #require(NextPlaceProtocol.Name(rawValue: expected.protocol))
            let place = NextPlaceProtocol(
                name,
                data,
                part: expected.part == "test" ? .test : .validation
            )
            let label = "\(expected.protocol), \(expected.part)"
            #expect(place.instances.count == expected.instances, "\(label)")
            #expect(place.instances.count { $0.isReturn } == expected.returns, "\(label)")
            #expect(expected.instances >= 5, "\(label) says little")
            compare(place, with: expected, tolerance: golden.tolerance, label)
        }
    }

    private func compare(
        _ place: NextPlaceProtocol,
        with expected: NextPlaceGolden.Case,
        tolerance: Double,
        _ label: String
    ) {
        let baselines = NextPlaceBaselines(place)
        #expect(expected.baselines.count == NextPlaceBaselines.Name.allCases.count)
        for name in NextPlaceBaselines.Name.allCases {
            let found = baselines.ranks(of: name, on: pool).metrics
            let wanted = expected.baselines[name.rawValue] ?? [:]
            #expect(found.count == wanted.count, "\(label), \(name)")
            for (metric, value) in found {
                let difference = abs(value - (wanted[metric] ?? .nan))
                #expect(difference <= tolerance, "\(label), \(name), \(metric): \(value)")
            }
        }
    }

    @Test(
        "count + Markov on the city is the published reading of it",
        .enabled(if: NextPlaceFixture.cityFolder != nil, "the New York data is not here")
    )
    func city() throws {
        let folder = try #require(NextPlaceFixture.cityFolder)
        let data = try NextPlaceFixture.read(folder)
        let place = NextPlaceProtocol(.sthgcn, data)
        #expect(place.instances.count == 1_348)
        #expect(place.instances.count { $0.isReturn } == 983)
        #expect(NextPlaceProtocol(.sthgcnTimed, data).instances.count == 1_348)
        #expect(NextPlaceProtocol(.getnext, data).instances.count == 1_351)
        #expect(NextPlaceProtocol(.sthgcn, data, part: .validation).instances.count == 1_400)
        let metrics = NextPlaceBaselines(place).ranks(of: .countMarkov, on: pool)
        #expect(abs(metrics.accuracy(at: 1) - 0.2433) <= 0.01)
        #expect(abs(metrics.accuracy(at: 5) - 0.5445) <= 0.01)
        #expect(abs(metrics.accuracy(at: 10) - 0.6491) <= 0.01)
        #expect(abs(metrics.meanReciprocalRank - 0.3797) <= 0.01)
    }
}
