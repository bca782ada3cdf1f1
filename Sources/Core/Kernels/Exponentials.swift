internal import CKernels

/// The exponentials of a row of logits, the inner loop of a softmax.
package enum Exponentials {
    /// Replaces each value of a range by exp(value − largest), within 3e-7 relative.
    ///
    /// - Parameter range: of `values`; at least one, finite. What is more than 87 below the largest
    ///   becomes exp(−87), never 0.
    /// - Returns: the largest value, and the sum of the exponentials, which is at least 1.
    package static func replace(
        _ range: Range<Int>,
        of values: inout MutableSpan<Float>
    ) -> (largest: Float, sum: Float) {
        precondition(!range.isEmpty, "a softmax of nothing")
        precondition(
            range.lowerBound >= 0 && range.upperBound <= values.count,
            "\(range) of \(values.count)"
        )
        var largest: Float = 0
        let sum = unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe values.baseAddress.map {
                unsafe ck_exponentials($0 + range.lowerBound, range.count, &largest)
            }
        }
        return (largest, sum ?? 0)
    }
}
