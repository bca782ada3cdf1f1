/// How blocks of work are run: each of 0..<blockCount once, all of them before it returns, at the same time
/// where it can. `pool.forEachBlock` is one.
package typealias Spread = (_ blockCount: Int, _ body: @Sendable (Int) -> Void) -> Void

/// One block after the other.
package func inTurn(_ blockCount: Int, _ body: @Sendable (Int) -> Void) {
    for block in 0..<blockCount { body(block) }
}
