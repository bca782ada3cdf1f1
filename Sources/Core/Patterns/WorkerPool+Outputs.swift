internal import Synchronization
internal import Workers

extension WorkerPool {
    /// What `work` makes of each block, in the order of the blocks.
    func outputs<Output: Sendable>(
        _ blockCount: Int,
        _ work: @Sendable (Int) -> Output
    ) -> [Output] {
        let outputs = Mutex([Output?](repeating: nil, count: blockCount))
        forEachBlock(blockCount) { block in
            let output = work(block)
            outputs.withLock { $0[block] = output }
        }
        return outputs.withLock { $0.compactMap(\.self) }
    }
}
