package import Embeddings
internal import Events
internal import Kernels

extension LiveStatistics {
    /// All counts as tensors named `statistics.…`; the catalogue is stored elsewhere.
    package var tensors: [Tensor] {
        let instant = reference.map { [$0.millisecondsSinceEpoch] } ?? []
        return [
            Tensor("statistics.reference_ms", shape: [instant.count], int64s: instant),
            Tensor("statistics.item_log2", shape: [itemLog.count], floats: itemLog),
            Tensor("statistics.cell_log2", shape: [cellLog.count], floats: cellLog),
            Tensor("statistics.totals", shape: [2], floats: [totalLog, eventCount]),
            Tensor("statistics.item_count", shape: [itemCount.count], floats: itemCount),
            Tensor(
                "statistics.action_items",
                shape: [actionItems.count, itemCount.count],
                floats: actionItems.flatMap { $0 }
            ),
            Tensor(
                "statistics.category_count",
                shape: [categoryCount.count],
                floats: categoryCount
            ),
            Tensor(
                "statistics.slot_items",
                shape: [Self.slotCount, itemCount.count],
                floats: slotItems.flatMap { $0 }
            ),
            Tensor(
                "statistics.slot_categories",
                shape: [Self.slotCount, categoryCount.count],
                floats: slotCategories.flatMap { $0 }
            ),
        ] + itemLinks.tensors("statistics.item_links")
            + categoryLinks.tensors("statistics.category_links")
            + cellLinks.tensors("statistics.cell_links")
    }

    /// Reads the counts back.
    package init(from tensors: [Tensor], catalogue: CatalogueIndex) throws(ModelError) {
        self.init(catalogue: catalogue)
        let items = catalogue.itemCount
        let categories = catalogue.categoryRowCount
        func floats(_ name: String, _ shape: [Int]) throws(ModelError) -> [Float] {
            try tensors.part("statistics.\(name)", .float32, shape: shape).floats()
        }
        func rows(_ name: String, _ shape: [Int]) throws(ModelError) -> [[Float]] {
            try tensors.part("statistics.\(name)", .float32, shape: shape).floatRows()
        }
        let instants = try tensors.part("statistics.reference_ms", .int64, shape: [nil]).int64s()
        reference = instants.first.map { Instant(millisecondsSinceEpoch: $0) }
        itemLog = try floats("item_log2", [items])
        cellLog = try floats("cell_log2", [catalogue.cellRowCount])
        let totals = try floats("totals", [2])
        totalLog = totals[0]
        eventCount = totals[1]
        itemCount = try floats("item_count", [items])
        categoryCount = try floats("category_count", [categories])
        let byAction = try tensors.part("statistics.action_items", .float32, shape: [nil, items])
        actionItems = byAction.floatRows()
        slotItems = try rows("slot_items", [Self.slotCount, items])
        slotCategories = try rows("slot_categories", [Self.slotCount, categories])
        itemLinks = try LinkRows(from: tensors, "statistics.item_links", rowCount: items)
        categoryLinks = try LinkRows(
            from: tensors,
            "statistics.category_links",
            rowCount: categories
        )
        cellLinks = try LinkRows(
            from: tensors,
            "statistics.cell_links",
            rowCount: catalogue.cellRowCount
        )
    }
}

extension Tensor {
    /// The rows of shape [rows, columns], each by itself.
    fileprivate func floatRows() -> [[Float]] {
        let width = shape[1]
        return withFloats { numbers in
            (0..<shape[0]).map { numbers.extracting($0 * width..<($0 + 1) * width).copied() }
        }
    }
}

extension LinkRows {
    /// `<name>.totals`, `<name>.offsets` (I64, one more than rows), `<name>.targets` and
    /// `<name>.weights`.
    func tensors(_ name: String) -> [Tensor] {
        var offsets: [Int64] = [0]
        for row in rows { offsets.append((offsets.last ?? 0) + Int64(row.count)) }
        let links = rows.flatMap { $0 }
        return [
            Tensor("\(name).totals", shape: [totals.count], floats: totals),
            Tensor("\(name).offsets", shape: [offsets.count], int64s: offsets),
            Tensor("\(name).targets", shape: [links.count], int32s: links.map(\.target)),
            Tensor("\(name).weights", shape: [links.count], floats: links.map(\.weight)),
        ]
    }

    init(from tensors: [Tensor], _ name: String, rowCount: Int) throws(ModelError) {
        let totals = try tensors.part("\(name).totals", .float32, shape: [rowCount]).floats()
        let offsets = try tensors.part("\(name).offsets", .int64, shape: [rowCount + 1]).int64s()
        let targets = try tensors.part("\(name).targets", .int32, shape: [nil]).int32s()
        let weights = try tensors.part(
            "\(name).weights",
            .float32,
            shape: [targets.count]
        ).floats()
        guard
            offsets.first == 0, offsets.last == Int64(targets.count),
            zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else {
            throw ModelError(badTensor: "\(name).offsets", "do not span \(targets.count) links")
        }
        guard targets.allSatisfy({ $0 >= 0 && Int($0) < rowCount }) else {
            throw ModelError(badTensor: "\(name).targets", "an index is not in 0..<\(rowCount)")
        }
        self.init(
            rows: (0..<rowCount).map { row in
                (Int(offsets[row])..<Int(offsets[row + 1])).map {
                    Link(target: targets[$0], weight: weights[$0])
                }
            },
            totals: totals
        )
    }
}
