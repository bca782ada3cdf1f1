import Foundation

/// testdata/golden/metrics: what tools/generate-golden/metrics.py says of rankings and lists.
enum MetricsGolden {
    /// ranking.json
    struct Rankings: Decodable {
        struct Case: Decodable {
            var scores: [Float]
            var masked: [Int]
            var relevant: [Int]
            var ranks: [Double]
            var recall: Double
            var ndcg: Double
            var reciprocalRank: Double
        }
        var k: Int
        var tolerance: Double
        var cases: [Case]
    }

    /// lists.json
    struct Lists: Decodable {
        struct Instance: Decodable {
            /// nil is not a number.
            var scores: [Float?]
            var masked: [Int]
            var relevant: [Int32]
        }
        struct Case: Decodable {
            var popularity: [Float]
            var vectors: [[Float]]
            var instances: [Instance]
            var lists: [[Int32]]
            var metrics: [String: Double]
        }
        struct Bootstrap: Decodable {
            var seed: UInt64
            var ours: [Double]
            var theirs: [Double]
            var low: Double
            var high: Double
        }
        var k: Int
        var tolerance: Double
        var cases: [Case]
        var bootstrap: [Bootstrap]
    }

    static func read<Value: Decodable>(_ name: String) throws -> Value {
        let file = NextPlaceFixture.repository.appending(path: "testdata/golden/metrics/\(name)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(contentsOf: file))
    }
}
