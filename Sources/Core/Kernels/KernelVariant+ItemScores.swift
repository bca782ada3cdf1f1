internal import CKernels

/// A piecewise linear function of a position ≥ 0: knots 1 / scale apart, the first at 0; level beyond
/// the last.
package struct PositionSpline: Sendable {
    /// Where its knots lie among the weights that they are looked up in.
    package var offset: Int
    /// 2...16.
    package var knotCount: Int
    package var scale: Float

    package init(offset: Int, knotCount: Int, scale: Float) {
        precondition((2...16).contains(knotCount), "a spline of \(knotCount) knots")
        self.offset = offset
        self.knotCount = knotCount
        self.scale = scale
    }

    fileprivate var range: Range<Int> { offset..<offset + knotCount }
}

/// What an item's columns add to its score, column by column; every variant adds the same within
/// rounding. `scores` holds one number an item, as do the columns.
extension KernelVariant {
    /// The plain C where this is the Swift scalar: these have no third form.
    private var inC: ck_variant { cVariant ?? ck_variant_portable }

    /// The knots of a spline and the scores that it is added to.
    private func adding(
        _ spline: PositionSpline,
        of weights: Span<Float>,
        to scores: inout MutableSpan<Float>,
        _ body: (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
    ) {
        unsafe weights.extracting(spline.range).withUnsafeBufferPointer { knots in
            unsafe scores.withUnsafeMutableBufferPointer { scores in
                unsafe body(knots.baseAddress, scores.baseAddress)
            }
        }
    }

    /// Adds firstSums[first[i]] + secondSums[second[i]]; the rows must lie within the sums.
    package func addRows(
        _ first: Span<Int32>,
        of firstSums: Span<Float>,
        _ second: Span<Int32>,
        of secondSums: Span<Float>,
        to scores: inout MutableSpan<Float>
    ) {
        let count = scores.count
        precondition(first.count == count && second.count == count, "rows of other items")
        unsafe scores.withUnsafeMutableBufferPointer { scores in
            unsafe first.withUnsafeBufferPointer { first in
                unsafe firstSums.withUnsafeBufferPointer { firstSums in
                    unsafe second.withUnsafeBufferPointer { second in
                        unsafe secondSums.withUnsafeBufferPointer { secondSums in
                            unsafe ck_add_rows(
                                inC,
                                count,
                                first.baseAddress,
                                firstSums.baseAddress,
                                second.baseAddress,
                                secondSums.baseAddress,
                                scores.baseAddress
                            )
                        }
                    }
                }
            }
        }
    }

    /// Adds the spline at a column of a table where that is not negative.
    ///
    /// - Parameters:
    ///   - table: shape [scores, width].
    ///   - skipsZero: whether nothing is added where the column is 0 either.
    package func addSpline(
        _ spline: PositionSpline,
        of weights: Span<Float>,
        column: Int,
        of table: Span<Float>,
        width: Int,
        skipsZero: Bool,
        to scores: inout MutableSpan<Float>
    ) {
        let count = scores.count
        precondition(table.count == count * width, "\(table.count) numbers for \(count) rows")
        precondition((0..<width).contains(column), "column \(column) of \(width)")
        guard count > 0 else { return }
        unsafe adding(spline, of: weights, to: &scores) { knots, scores in
            unsafe table.extracting(column...).withUnsafeBufferPointer { table in
                unsafe ck_add_strided(
                    inC,
                    count,
                    table.baseAddress,
                    Int32(width),
                    skipsZero ? .leastNonzeroMagnitude : 0,
                    knots,
                    Int32(spline.knotCount),
                    spline.scale,
                    scores
                )
            }
        }
    }

    /// Adds the spline at max(0, column[i] + offset).
    package func addSpline(
        _ spline: PositionSpline,
        of weights: Span<Float>,
        shifting column: Span<Float>,
        by offset: Float,
        to scores: inout MutableSpan<Float>
    ) {
        let count = scores.count
        precondition(column.count == count, "\(column.count) numbers for \(count) items")
        unsafe adding(spline, of: weights, to: &scores) { knots, scores in
            unsafe column.withUnsafeBufferPointer { column in
                unsafe ck_add_shifted(
                    inC,
                    count,
                    column.baseAddress,
                    offset,
                    knots,
                    Int32(spline.knotCount),
                    spline.scale,
                    scores
                )
            }
        }
    }

    /// Adds the spline at log2(1 + column[i] · factor), within 1e-4 of the position; `column` ≥ 0.
    package func addSpline(
        _ spline: PositionSpline,
        of weights: Span<Float>,
        logOf column: Span<Float>,
        times factor: Float,
        to scores: inout MutableSpan<Float>
    ) {
        let count = scores.count
        precondition(column.count == count, "\(column.count) numbers for \(count) items")
        unsafe adding(spline, of: weights, to: &scores) { knots, scores in
            unsafe column.withUnsafeBufferPointer { column in
                unsafe ck_add_logs(
                    inC,
                    count,
                    column.baseAddress,
                    factor,
                    knots,
                    Int32(spline.knotCount),
                    spline.scale,
                    scores
                )
            }
        }
    }

    /// Adds the spline at how much likelier than usual each item is: max(0, 5 + log2 of
    /// (part[i] + prior · share) / ((whole[i] + prior) · share)).
    package func addSpline(
        _ spline: PositionSpline,
        of weights: Span<Float>,
        liftOf part: Span<Float>,
        in whole: Span<Float>,
        share: Float,
        prior: Float,
        to scores: inout MutableSpan<Float>
    ) {
        let count = scores.count
        precondition(part.count == count && whole.count == count, "counts of other items")
        unsafe adding(spline, of: weights, to: &scores) { knots, scores in
            unsafe part.withUnsafeBufferPointer { part in
                unsafe whole.withUnsafeBufferPointer { whole in
                    unsafe ck_add_lifts(
                        inC,
                        count,
                        part.baseAddress,
                        whole.baseAddress,
                        share,
                        prior,
                        knots,
                        Int32(spline.knotCount),
                        spline.scale,
                        scores
                    )
                }
            }
        }
    }

    /// Adds the spline at log2 √(1 + (d / 50 m)²) of each item's distance from a point, where the item
    /// has a place.
    ///
    /// - Parameters:
    ///   - x, y, z: on the unit sphere; `isPlaced` is 1 where the place is known.
    ///   - point: x, y, z.
    package func addSpline(
        _ spline: PositionSpline,
        of weights: Span<Float>,
        distanceOf x: Span<Float>,
        _ y: Span<Float>,
        _ z: Span<Float>,
        isPlaced: Span<Float>,
        from point: SIMD4<Float>,
        to scores: inout MutableSpan<Float>
    ) {
        let count = scores.count
        precondition(
            x.count == count && y.count == count && z.count == count && isPlaced.count == count,
            "places of other items"
        )
        unsafe adding(spline, of: weights, to: &scores) { knots, scores in
            unsafe x.withUnsafeBufferPointer { x in
                unsafe y.withUnsafeBufferPointer { y in
                    unsafe z.withUnsafeBufferPointer { z in
                        unsafe isPlaced.withUnsafeBufferPointer { isPlaced in
                            unsafe withUnsafePointer(to: point) { point in
                                let lanes = unsafe UnsafeRawPointer(point)
                                    .assumingMemoryBound(to: Float.self)
                                unsafe ck_add_distances(
                                    inC,
                                    count,
                                    x.baseAddress,
                                    y.baseAddress,
                                    z.baseAddress,
                                    isPlaced.baseAddress,
                                    lanes,
                                    knots,
                                    Int32(spline.knotCount),
                                    spline.scale,
                                    scores
                                )
                            }
                        }
                    }
                }
            }
        }
    }
}
