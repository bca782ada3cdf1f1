extension WorkerPool {
    /// What `work` makes of each block, in the order of the blocks.
    package func mapBlocks<Output: Sendable>(
        _ blockCount: Int,
        _ work: @Sendable (Int) -> Output
    ) -> [Output] {
        let outputs = Monitor([Output?](repeating: nil, count: blockCount))
        forEachBlock(blockCount) { block in
            let output = work(block)
            outputs.withLock { $0[block] = output }
        }
        return outputs.withLock { $0.compactMap(\.self) }
    }
}
