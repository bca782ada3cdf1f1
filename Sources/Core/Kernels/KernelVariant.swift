import CKernels

/// Which implementation of the kernels runs. All give the scalar's results within rounding.
///
/// The operations are methods, so that a caller picks once and tests force each:
/// `KernelVariant.best.spmm(…)`.
package enum KernelVariant: String, CaseIterable, Sendable {
    /// Plain Swift: the truth that the others are tested against.
    case scalar
    /// Plain C.
    case portable
    case avx2
    case avx512
    case neon

    /// The variants that this CPU can run, slowest first.
    package static let available = allCases.filter(\.isSupported)

    /// The fastest of them; the CPU is asked once.
    package static let best = available.last ?? .scalar

    package var isSupported: Bool {
        guard let cVariant else { return true }
        return ck_is_supported(cVariant) != 0
    }

    /// Its name in C; nil for the Swift scalar.
    var cVariant: ck_variant? {
        switch self {
        case .scalar: nil
        case .portable: ck_variant_portable
        case .avx2: ck_variant_avx2
        case .avx512: ck_variant_avx512
        case .neon: ck_variant_neon
        }
    }
}
