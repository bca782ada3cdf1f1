package import Graphs

/// What some outputs of some nodes should be: one term of a graph convolution's loss.
///
/// The loss is the mean over the nodes of the sum over the outputs of the binary cross-entropy
/// −(a·y·log σ(z) + (1 − y)·log(1 − σ(z))), times `weight`.
package struct GCNTarget: Sendable {
    /// Distinct, of the graph's N.
    package let nodes: [Int32]
    package let outputs: Range<Int>
    /// y, shape [nodes.count, outputs.count], in 0...1; no entry is 0.
    package let labels: CSRMatrix
    /// a: how much more a positive counts.
    package let positiveWeight: Float
    package let weight: Float

    package init(
        nodes: [Int32],
        outputs: Range<Int>,
        labels: CSRMatrix,
        positiveWeight: Float = 1,
        weight: Float = 1
    ) {
        precondition(
            labels.rowCount == nodes.count && labels.columnCount == outputs.count,
            "labels [\(labels.rowCount), \(labels.columnCount)]"
        )
        self.nodes = nodes
        self.outputs = outputs
        self.labels = labels
        self.positiveWeight = positiveWeight
        self.weight = weight
    }

    /// The same of a run of the nodes.
    package func part(_ range: Range<Int>) -> GCNTarget {
        let positions = labels.rowOffsets[range.lowerBound]..<labels.rowOffsets[range.upperBound]
        return GCNTarget(
            nodes: Array(nodes[range]),
            outputs: outputs,
            labels: CSRMatrix(
                rowCount: range.count,
                columnCount: labels.columnCount,
                rowOffsets: labels.rowOffsets[range.lowerBound...range.upperBound]
                    .map { $0 - positions.lowerBound },
                columns: Array(labels.columns[positions]),
                values: Array(labels.values[positions])
            ),
            positiveWeight: positiveWeight,
            weight: weight
        )
    }
}
