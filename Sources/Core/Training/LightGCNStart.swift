internal import Graphs
internal import Models
internal import Propagation
internal import Workers

/// E⁽⁰⁾ before the first step.
struct LightGCNStart {
    let settings: LightGCNSettings
    let graph: LightGCNGraph

    /// Shape [items, d].
    func embeddings(on pool: WorkerPool) -> DenseMatrix {
        switch settings.start {
        case .normal:
            return gaussian(on: pool).scaled(by: Float(settings.startScale), on: pool)
        case .xavier:
            return xavier(on: pool)
        case .spectral:
            let vectors = spectral(on: pool)
            let deviation = vectors.deviation
            let scale = deviation > 0 ? Float(settings.startScale) / deviation : 0
            return vectors.scaled(by: scale, on: pool)
        }
    }

    private func gaussian(on pool: WorkerPool) -> DenseMatrix {
        .gaussian(
            rowCount: graph.itemCount,
            columnCount: settings.dimension,
            seed: settings.seed,
            on: pool
        )
    }

    private func xavier(on pool: WorkerPool) -> DenseMatrix {
        let bound = Float((6 / Double(graph.itemCount + settings.dimension)).squareRoot())
        return .inBlocks(
            rowCount: graph.itemCount,
            columnCount: settings.dimension,
            on: pool
        ) { [settings] rows, block in
            // Each block has a generator of its own, made of the seed and the block's place.
            var seeds = SplitMix64(seed: settings.seed &+ UInt64(rows.lowerBound))
            var generator = SplitMix64(seed: seeds.next())
            for index in 0..<block.count {
                block[index] = bound * Float(2 * generator.nextUniform() - 1)
            }
        }
    }

    /// V Σ^(1/2) of D_u^(-1/2) R D_i^(-1/2), with noise in the columns that the matrix has no rank
    /// for.
    private func spectral(on pool: WorkerPool) -> DenseMatrix {
        let decomposition = RandomizedSVD(
            graph.strengths.normalized(rowExponent: 0.5, columnExponent: 0.5),
            settings: RandomizedSVD.Settings(rank: settings.dimension, seed: settings.seed),
            on: pool
        )
        let gains = decomposition.singularValues.map { Float($0.squareRoot()) }
        let vectors = decomposition.rightVectors
        let noise = gaussian(on: pool)
        let noiseScale = 0.1 / Float(max(1, graph.itemCount)).squareRoot()
        let width = settings.dimension
        return .inBlocks(rowCount: graph.itemCount, columnCount: width, on: pool) { rows, block in
            for index in 0..<block.count {
                let (row, column) = (rows.lowerBound + index / width, index % width)
                block[index] =
                    column < gains.count
                    ? vectors[row, column] * gains[column] : noise[row, column] * noiseScale
            }
        }
    }
}

extension DenseMatrix {
    /// The root mean square of its numbers.
    fileprivate var deviation: Float {
        withValues { values in
            guard !values.isEmpty else { return 0 }
            var sum = 0.0
            for index in 0..<values.count { sum += Double(values[index]) * Double(values[index]) }
            return Float((sum / Double(values.count)).squareRoot())
        }
    }
}
