import Cleaning
import Embeddings
import Propagation
import Testing

@Suite("principal components")
struct PrincipalComponentTests {
    @Test("agree with the singular vectors of the independent program")
    func golden() throws {
        let golden = try CleaningSupport.Golden<PCACase>.read("pca.json")
        #expect(golden.cases.count == 4)
        for (number, example) in golden.cases.enumerated() {
            let found = try PrincipalComponents(matrix(example.rows), count: example.count)
            let later = try found.transform(matrix(example.later))
            for (name, one, other) in [
                ("mean", found.projection.mean, example.mean),
                ("components", found.projection.components, example.components.flatMap(\.self)),
                ("variance", found.explainedVariance, example.variance),
                ("ratio", found.explainedVarianceRatio, example.ratio),
                ("projected", later.values, example.projected.flatMap(\.self)),
            ] {
                let distance = CleaningSupport.distance(one, other)
                #expect(distance <= golden.tolerance, "case \(number): \(name)")
            }
        }
    }

    private struct PCACase: Decodable {
        var rows: [[Double]]
        var later: [[Double]]
        var count: Int
        var mean: [Double]
        var components: [[Double]]
        var variance: [Double]
        var ratio: [Double]
        var projected: [[Double]]
    }

    @Test("on paper: points on a line of slope 1 have one component, its sign positive")
    func paper() throws {
        let line = matrix([[1, 1], [3, 3], [5, 5]])
        let found = try PrincipalComponents(line, count: 2)
        #expect(found.projection.componentCount == 1)
        #expect(found.explainedVariance.count == 1 && abs(found.explainedVariance[0] - 8) < 1e-12)
        let half = 0.5.squareRoot()
        #expect(CleaningSupport.distance(found.projection.component(0), [half, half]) < 1e-12)
        // Falling: both numbers are equally large, and the first decides.
        let falling = try PrincipalComponents(matrix([[1, 5], [3, 3], [5, 1]]), count: 2)
        #expect(CleaningSupport.distance(falling.projection.component(0), [half, -half]) < 1e-12)
    }

    @Test(
        "components are orthonormal, projections uncorrelated, all of them lose nothing",
        arguments: 0..<10
    )
    func properties(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let rows = (0..<30).map { _ in (0..<6).map { Double($0) * generator.nextNormalPair().0 } }
        let found = try PrincipalComponents(matrix(rows), count: 6)
        let count = found.projection.componentCount
        #expect(count == 5, "the first feature is constant")
        let after = try found.transform(matrix(rows))
        for one in 0..<count {
            for other in 0..<count {
                let (first, second) = (found.projection.component(one), after.column(one))
                let product = dot(first, found.projection.component(other))
                let covariance = dot(second, after.column(other)) / 29
                let variance = one == other ? found.explainedVariance[one] : 0
                #expect(abs(product - (one == other ? 1 : 0)) < 1e-10, "seed \(seed)")
                #expect(abs(covariance - variance) < 1e-9, "seed \(seed)")
            }
            let largest = found.projection.component(one).max { abs($0) < abs($1) } ?? 0
            #expect(largest > 0, "seed \(seed)")
        }
        #expect(abs(found.explainedVarianceRatio.reduce(0, +) - 1) < 1e-12, "seed \(seed)")
        let turned = try PrincipalComponents(matrix(rows.reversed()), count: 6)
        let components = turned.projection.components
        #expect(CleaningSupport.distance(components, found.projection.components) < 1e-9)
    }

    @Test("come back from their tensors")
    func roundTrip() throws {
        let found = try PrincipalComponents(matrix([[1, 2], [3, 1], [0, 9]]), count: 2)
        #expect(try PrincipalComponents("pca", from: found.tensors("pca")) == found)
        #expect(throws: TensorError.self) {
            try PrincipalComponents("other", from: found.tensors("pca"))
        }
    }

    @Test("refuse by name what has no directions")
    func refused() throws {
        func code(_ rows: [[Double]]) -> FeatureError.Code? {
            do {
                _ = try PrincipalComponents(matrix(rows), count: 1)
                return nil
            } catch { return error.code }
        }
        #expect(code([[1, 2]]) == .tooFewRows)
        #expect(code([[0.1, 0.3], [0.1, 0.3], [0.1, 0.3]]) == .constant)
        #expect(code([[1, .nan], [2, 3]]) == .notFinite)
        #expect(code([[1e200, 1], [-1e200, 1]]) == .constant)
        let found = try PrincipalComponents(matrix([[1, 2], [3, 5]]), count: 1)
        #expect { try found.transform(matrix([[1, 2, 3]])) } throws: { error in
            (error as? FeatureError)?.code == .wrongWidth
        }
    }
}

@Suite("linear discriminants")
struct LinearDiscriminantTests {
    @Test("agree with the eigenvectors of the independent program")
    func golden() throws {
        let golden = try CleaningSupport.Golden<LDACase>.read("lda.json")
        #expect(golden.cases.count == 4)
        for (number, example) in golden.cases.enumerated() {
            let found = try LinearDiscriminants(
                matrix(example.rows),
                classes: example.classes,
                count: example.count,
                shrinkage: example.shrinkage
            )
            let later = try found.transform(matrix(example.later))
            for (name, one, other) in [
                ("components", found.projection.components, example.components.flatMap(\.self)),
                ("separations", found.separations, example.separations),
                ("ratio", found.explainedRatio, example.ratio),
                ("projected", later.values, example.projected.flatMap(\.self)),
            ] {
                let distance = CleaningSupport.distance(one, other)
                #expect(distance <= golden.tolerance, "case \(number): \(name)")
            }
        }
    }

    private struct LDACase: Decodable {
        var rows: [[Double]]
        var classes: [Int32]
        var later: [[Double]]
        var count: Int
        var shrinkage: Double
        var components: [[Double]]
        var separations: [Double]
        var ratio: [Double]
        var projected: [[Double]]
    }

    @Test("find the small feature that tells classes apart, where components find the loud one")
    func separates() throws {
        var generator = SplitMix64(seed: 7)
        let classes = (0..<60).map { Int32($0 % 3) - 1 }  // −1 is no class
        let rows = classes.map { label in
            [
                generator.nextNormalPair().0 * 100,
                Double(label) + generator.nextNormalPair().0 * 0.1,
            ]
        }
        let found = try LinearDiscriminants(
            matrix(rows),
            classes: classes,
            count: 5,
            shrinkage: 1e-8
        )
        #expect(found.projection.componentCount == 1)
        let direction = found.projection.component(0)
        #expect(direction[1] > 100 * abs(direction[0]))
        let after = try found.transform(matrix(rows)).column(0)
        let (zeros, ones) = (after.filter(classes, 0), after.filter(classes, 1))
        #expect(zeros.max() ?? 0 < ones.min() ?? 0)
        let loud = try PrincipalComponents(matrix(rows), count: 1).projection.component(0)
        #expect(loud[0] > 100 * abs(loud[1]))
    }

    @Test("count features that are constant within every class, and leave constant ones alone")
    func constantWithin() throws {
        let rows: [[Double]] = [[0, 5, 1], [0, 5, 2], [1, 5, 1.5], [1, 5, 2.5]]
        let found = try LinearDiscriminants(matrix(rows), classes: [0, 0, 1, 1], count: 1)
        let direction = found.projection.component(0)
        #expect(direction[0] > 10 * abs(direction[2]) && direction[1] == 0)
    }

    @Test("come back from their tensors")
    func roundTrip() throws {
        let rows: [[Double]] = [[1, 2], [3, 1], [0, 9], [2, 2]]
        let found = try LinearDiscriminants(matrix(rows), classes: [0, 1, 0, 1], count: 1)
        #expect(try LinearDiscriminants("lda", from: found.tensors("lda")) == found)
    }

    @Test("refuse by name what cannot be told apart")
    func refused() throws {
        func code(_ rows: [[Double]], _ classes: [Int32]) -> FeatureError.Code? {
            do {
                _ = try LinearDiscriminants(matrix(rows), classes: classes, count: 1)
                return nil
            } catch { return error.code }
        }
        #expect(code([[1], [2], [3]], [4, 4, -1]) == .oneClass)
        #expect(code([[1], [2], [3]], [0, -1, -1]) == .tooFewRows)
        #expect(code([[7], [7], [7], [7]], [0, 1, 0, 1]) == .constant)
        #expect(code([[1], [2], [1], [2]], [0, 0, 1, 1]) == .constant)  // the same means
        #expect(code([[1], [.infinity]], [0, 1]) == .notFinite)
    }
}

private func matrix(_ rows: [[Double]]) -> FeatureMatrix {
    FeatureMatrix(
        columnNames: (0..<(rows.first?.count ?? 0)).map { "f\($0)" },
        rowCount: rows.count,
        values: rows.flatMap(\.self)
    )
}

private func dot(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
}

extension [Double] {
    fileprivate func filter(_ classes: [Int32], _ label: Int32) -> [Double] {
        zip(self, classes).filter { $0.1 == label }.map(\.0)
    }
}
