internal import Events

/// Sums of splines over a field: scores forward, gradients back, and the parts of a score.
///
/// `weights` are always the gates' outputs for this field, in the order of `ChronotopeLayout`.
struct ChronotopeScorer {
    let field: ChronotopeField
    let catalogue: CatalogueIndex
    /// Of the head that scores.
    let memory: MemoryKernels.Activation
    private var layout: ChronotopeLayout { .shared }

    init(field: ChronotopeField, catalogue: CatalogueIndex, kernels: [Float]) {
        self.init(
            field: field,
            catalogue: catalogue,
            kernelTable: MemoryKernels.table(kernels)
        )
    }

    /// - Parameter kernelTable: `MemoryKernels.table` of the head's kernels.
    init(field: ChronotopeField, catalogue: CatalogueIndex, kernelTable: [MemoryKernels.Row]) {
        self.field = field
        self.catalogue = catalogue
        memory = field.kernels.activation(by: kernelTable, rowCount: field.sparseItems.count)
    }

    /// Σ over all features, shape [items].
    func scores(_ weights: [Float]) -> [Float] {
        let categories = rowSums(field.category, layout.category, weights)
        let cells = rowSums(field.cell, layout.cell, weights)
        let count = catalogue.itemCount
        var scores = [Float](repeating: 0, count: count)
        for item in 0..<count {
            scores[item] =
                categories[Int(catalogue.category[item])] + cells[Int(catalogue.cell[item])]
        }
        for (feature, spline) in layout.dense.enumerated() where !field.dense[feature].isEmpty {
            let positions = field.dense[feature]
            var output = scores.mutableSpan
            addDense(spline, positions.span, weights, to: &output)
        }
        for (feature, output) in layout.linear.enumerated() where weights[output] != 0 {
            let (weight, column) = (weights[output], field.linear[feature])
            if column.isEmpty { continue }
            for item in 0..<count { scores[item] += weight * column[item] }
        }
        let sparse = rowSums(field.sparse, layout.sparse, weights)
        let remembered = rowSums(memory.positions, layout.kernels, weights)
        for (row, item) in field.sparseItems.enumerated() {
            scores[Int(item)] += sparse[row] + remembered[row]
        }
        return scores
    }

    /// dL/d weights, given dL/d scores, shape [outputCount].
    func weightGradient(_ slopes: [Float]) -> [Float] {
        let count = catalogue.itemCount
        var gradient = [Float](repeating: 0, count: layout.outputCount)
        var categories = [Float](repeating: 0, count: catalogue.categoryRowCount)
        var cells = [Float](repeating: 0, count: catalogue.cellRowCount)
        for item in 0..<count {
            categories[Int(catalogue.category[item])] += slopes[item]
            cells[Int(catalogue.cell[item])] += slopes[item]
        }
        addGradient(field.category, layout.category, slopes: categories, to: &gradient)
        addGradient(field.cell, layout.cell, slopes: cells, to: &gradient)
        for (feature, spline) in layout.dense.enumerated() where !field.dense[feature].isEmpty {
            addGradient(field.dense[feature], [spline], slopes: slopes, to: &gradient)
        }
        for (feature, output) in layout.linear.enumerated() {
            let column = field.linear[feature]
            if column.isEmpty { continue }
            var sum: Float = 0
            for item in 0..<count { sum += slopes[item] * column[item] }
            gradient[output] = sum
        }
        let sparse = field.sparseItems.map { slopes[Int($0)] }
        addGradient(field.sparse, layout.sparse, slopes: sparse, to: &gradient)
        addGradient(memory.positions, layout.kernels, slopes: sparse, to: &gradient)
        for anchor in layout.anchors { gradient[anchor] = 0 }
        return gradient
    }

    /// dL/d memory positions, given dL/d scores, shape [sparse rows, kernels].
    func memoryGradient(_ slopes: [Float], _ weights: [Float]) -> [Float] {
        var gradient: [Float] = []
        gradient.reserveCapacity(memory.positions.count)
        for item in field.sparseItems {
            for spline in layout.kernels {
                let position = memory.positions[gradient.count]
                let isLevel = position * spline.scale >= Float(spline.knotCount - 1)
                let knot = spline.offset + Self.knot(spline, at: position).knot
                gradient.append(
                    isLevel
                        ? 0
                        : slopes[Int(item)] * (weights[knot + 1] - weights[knot]) * spline.scale
                )
            }
        }
        return gradient
    }

    /// What each part adds to one item's score, shape [ChronotopePart.allCases.count].
    func parts(of item: Int, _ weights: [Float]) -> [Float] {
        var parts = [Float](repeating: 0, count: ChronotopePart.allCases.count)
        let (category, cell) = (Int(catalogue.category[item]), Int(catalogue.cell[item]))
        add(layout.category, field.category, row: category, weights, to: &parts)
        add(layout.cell, field.cell, row: cell, weights, to: &parts)
        if let row = field.sparseItems.firstIndex(of: Int32(item)) {
            add(layout.sparse, field.sparse, row: row, weights, to: &parts)
            add(layout.kernels, memory.positions, row: row, weights, to: &parts)
        }
        for (feature, spline) in layout.dense.enumerated() where !field.dense[feature].isEmpty {
            let position = field.dense[feature][item]
            parts[spline.part.rawValue] += value(spline, at: position, weights)
        }
        for (feature, output) in layout.linear.enumerated() where !field.linear[feature].isEmpty {
            parts[layout.parts[output].rawValue] +=
                weights[output] * field.linear[feature][item]
        }
        return parts
    }

    /// Adds a row's values to the parts that they belong to.
    func add(
        _ splines: [ChronotopeLayout.Spline],
        _ table: [Float],
        row: Int,
        _ weights: [Float],
        to parts: inout [Float]
    ) {
        for (feature, spline) in splines.enumerated() {
            let position = table[row * splines.count + feature]
            parts[spline.part.rawValue] += value(spline, at: position, weights)
        }
    }

    /// The spline's value at a position; 0 where the feature says nothing, level beyond the last
    /// knot.
    @inline(__always)
    func value(
        _ spline: ChronotopeLayout.Spline,
        at position: Float,
        _ weights: [Float]
    ) -> Float {
        guard position >= 0, !(position == 0 && spline.isAnchored) else { return 0 }
        let (knot, share) = Self.knot(spline, at: position)
        let low = weights[spline.offset + knot]
        return low + share * (weights[spline.offset + knot + 1] - low)
    }

    /// The knot below a position, and how far it is to the next, 0...1.
    @inline(__always)
    private static func knot(
        _ spline: ChronotopeLayout.Spline,
        at position: Float
    ) -> (knot: Int, share: Float) {
        let scaled = min(position * spline.scale, Float(spline.knotCount - 1))
        let knot = min(Int(scaled), spline.knotCount - 2)
        return (knot, scaled - Float(knot))
    }

    private func rowSums(
        _ table: [Float],
        _ splines: [ChronotopeLayout.Spline],
        _ weights: [Float]
    ) -> [Float] {
        let (width, rowCount) = (splines.count, table.count / splines.count)
        var sums = [Float](repeating: 0, count: rowCount)
        let (positions, knots) = (table.span, weights.span)
        var output = sums.mutableSpan
        // One spline after the other, so that its numbers stay in registers.
        for (feature, spline) in splines.enumerated() {
            for row in 0..<rowCount {
                let position = positions[row * width + feature]
                if position <= 0, spline.isAnchored || position < 0 { continue }
                let (knot, share) = Self.knot(spline, at: position)
                let low = knots[spline.offset + knot]
                output[row] += low + share * (knots[spline.offset + knot + 1] - low)
            }
        }
        return sums
    }

    /// - Parameter positions: one a score.
    func addDense(
        _ spline: ChronotopeLayout.Spline,
        _ positions: Span<Float>,
        _ weights: [Float],
        to scores: inout MutableSpan<Float>
    ) {
        let knots = Array(weights[spline.offset..<spline.offset + spline.knotCount])
        let steps = (0..<spline.knotCount).map {
            $0 + 1 < knots.count ? knots[$0 + 1] - knots[$0] : 0
        }
        for item in 0..<scores.count {
            let position = positions[item]
            if position < 0 { continue }
            let (knot, share) = Self.knot(spline, at: position)
            scores[item] += knots[knot] + share * steps[knot]
        }
    }

    private func addGradient(
        _ table: [Float],
        _ splines: [ChronotopeLayout.Spline],
        slopes: [Float],
        to gradient: inout [Float]
    ) {
        var index = 0
        for slope in slopes {
            for spline in splines {
                let position = table[index]
                index += 1
                if position <= 0, spline.isAnchored || position < 0 { continue }
                let (knot, share) = Self.knot(spline, at: position)
                gradient[spline.offset + knot] += slope * (1 - share)
                gradient[spline.offset + knot + 1] += slope * share
            }
        }
    }
}
