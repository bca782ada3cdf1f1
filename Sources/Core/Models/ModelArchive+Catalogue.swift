package import Embeddings
package import Events

extension ItemTable {
    /// The catalogue as tensors: `items.id`, `categories.id` (strings), `items.category` (I32) and
    /// `items.place`, shape [items, 3] of U64: the bits of latitude, longitude and accuracy as
    /// float64, all NaN where the place is unknown. Bits, because safetensors has F64 but our
    /// tensors do not, and a place must come back exactly.
    package var tensors: [Tensor] {
        let unknown = Array(repeating: Double.nan.bitPattern, count: 3)
        let places = place.flatMap { place in
            guard let place else { return unknown }
            return [place.latitudeDegrees, place.longitudeDegrees, place.accuracyMeters]
                .map(\.bitPattern)
        }
        return StringColumn("items.id", items.ids).tensors
            + StringColumn("categories.id", categories.ids).tensors
            + [
                Tensor("items.category", shape: [items.count], int32s: category),
                Tensor("items.place", shape: [items.count, 3], uint64s: places),
            ]
    }

    /// How many items a catalogue holds, of what `tensors` gave among others.
    package static func count(in tensors: [Tensor]) throws(ModelError) -> Int {
        try tensors.part("items.category", .int32, shape: [nil]).shape[0]
    }

    /// Reads a catalogue back from what `tensors` gave, among others.
    package init(from tensors: [Tensor]) throws(ModelError) {
        let items = try Vocabulary(tensors, column: "items.id")
        let categories = try Vocabulary(tensors, column: "categories.id")
        let category = try tensors.part("items.category", .int32, shape: [items.count]).int32s()
        guard category.allSatisfy({ $0 >= -1 && Int($0) < categories.count }) else {
            throw ModelError(
                badTensor: "items.category",
                "an index is not in -1..<\(categories.count)"
            )
        }
        let bits = try tensors.part("items.place", .uint64, shape: [items.count, 3]).uint64s()
        self.init(
            items: items,
            categories: categories,
            category: category,
            place: try (0..<items.count).map { item throws(ModelError) in
                try Self.place(
                    Double(bitPattern: bits[item * 3]),
                    Double(bitPattern: bits[item * 3 + 1]),
                    Double(bitPattern: bits[item * 3 + 2]),
                    item: item
                )
            }
        )
    }

    private static func place(
        _ latitude: Double,
        _ longitude: Double,
        _ accuracy: Double,
        item: Int
    ) throws(ModelError) -> Place? {
        if latitude.isNaN, longitude.isNaN, accuracy.isNaN { return nil }
        guard
            let place = Place(
                latitudeDegrees: latitude,
                longitudeDegrees: longitude,
                accuracyMeters: accuracy
            )
        else { throw ModelError(badTensor: "items.place", "row \(item) is no place") }
        return place
    }
}

extension Vocabulary {
    /// Reads a stored vocabulary, which must ascend strictly by UTF-8 bytes.
    package init(_ tensors: [Tensor], column: String) throws(ModelError) {
        let ids = try tensors.strings(column)
        for (earlier, later) in zip(ids, ids.dropFirst())
        where !earlier.utf8.lexicographicallyPrecedes(later.utf8) {
            throw ModelError(badTensor: column, "its strings do not ascend")
        }
        self.init(sortedIDs: ids)
    }
}

extension ModelError {
    /// A tensor that is no part of a model of this release.
    package init(badTensor name: String, _ problem: String) {
        self.init(
            code: .badArchive,
            place: name,
            problem: problem,
            remedy: "publish the version again with a program of this release"
        )
    }
}

extension [Tensor] {
    /// `tensor(_:_:shape:)` with a model's error.
    func part(
        _ name: String,
        _ element: TensorElement,
        shape: [Int?]
    ) throws(ModelError) -> Tensor {
        do {
            return try tensor(name, element, shape: shape)
        } catch {
            throw ModelError(error)
        }
    }

    /// The strings of a column, with a model's error.
    func strings(_ name: String) throws(ModelError) -> [String] {
        do {
            return try StringColumn(name, from: self).strings
        } catch {
            throw ModelError(error)
        }
    }

    /// The rows of a tensor of shape [rowCount, d], with a model's error.
    func embeddings(_ name: String, rowCount: Int) throws(ModelError) -> EmbeddingTable {
        let tensor = try part(name, .float32, shape: [rowCount, nil])
        do {
            return try EmbeddingTable(tensor)
        } catch {
            throw ModelError(error)
        }
    }
}

extension ModelError {
    init(_ error: TensorError) {
        self.init(
            code: .badArchive,
            place: error.place,
            problem: error.problem,
            remedy: error.remedy
        )
    }
}
