import Kernels

/// SplitMix64: a small generator with a printable seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1..<1, using: &self) }
    }
}

extension KernelVariant {
    /// Everything this CPU runs, apart from the scalar truth.
    static let fast = available.filter { $0 != .scalar }
    /// Those that promise the same bits as each other.
    static let fused = available.filter { $0 != .scalar && $0 != .portable }
}

/// Lengths around every width that a variant works in.
let interestingLengths = [
    0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 79, 80, 81, 127,
    128, 129, 200,
]

/// Same class (NaN, ±infinity), or within `tolerance` times the larger of 1 and the scale.
func isClose(_ left: Float, _ right: Float, scale: Float = 1, tolerance: Float = 1e-5) -> Bool {
    if left.isNaN || right.isNaN { return left.isNaN && right.isNaN }
    if left.isInfinite || right.isInfinite { return left == right }
    return abs(left - right) <= tolerance * max(1, scale)
}
