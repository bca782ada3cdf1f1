import CKernels
import Synchronization

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
    /// AVX-512, with AMX tiles where several queries share one scan.
    case amx

    /// The variants that this CPU can run, slowest first.
    package static let available = allCases.filter(\.isSupported)

    /// The fastest of them, or the chosen one; the CPU is asked once.
    package static var best: KernelVariant {
        let chosen = choice.load(ordering: .relaxed)
        return chosen < 0 ? fastest : allCases[chosen]
    }

    private static let fastest = available.last ?? .scalar
    /// An index of `allCases`; −1 where nobody has chosen.
    private static let choice = Atomic<Int>(-1)

    /// Makes `best` this variant from now on: for programs, which let their user force one.
    package static func choose(_ variant: KernelVariant) throws(KernelVariantError) {
        guard variant.isSupported, let index = allCases.firstIndex(of: variant) else {
            throw KernelVariantError(
                code: .notSupported,
                place: variant.rawValue,
                problem: "this CPU or system lacks its instructions",
                remedy: "choose one of \(available.map(\.rawValue).joined(separator: ", "))"
            )
        }
        choice.store(index, ordering: .relaxed)
    }

    /// The same by name, as `CHRONOTOPE_ISA` gives it.
    package static func choose(named name: String) throws(KernelVariantError) {
        guard let variant = KernelVariant(rawValue: name) else {
            throw KernelVariantError(
                code: .unknown,
                place: name,
                problem: "there is no such variant of the kernels",
                remedy: "choose one of \(available.map(\.rawValue).joined(separator: ", "))"
            )
        }
        try choose(variant)
    }

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
        case .amx: ck_variant_amx
        }
    }
}

/// Why a variant of the kernels cannot be used.
package struct KernelVariantError: Error, Hashable, Sendable {
    package enum Code: Sendable { case unknown, notSupported }
    package var code: Code
    /// The variant's name.
    package var place: String
    package var problem: String
    package var remedy: String
}
