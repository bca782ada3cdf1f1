package import Events

/// What is known of items or users, one row each, as their owner gave it: before cleaning.
package struct FeatureTable: Hashable, Sendable {
    package enum Values: Hashable, Sendable {
        /// nil where missing; infinities and NaN are for cleaning to judge.
        case numbers([Double?])
        /// None, one or several words a row: a category, tags.
        case words([[String]])

        package var count: Int {
            switch self {
            case .numbers(let numbers): numbers.count
            case .words(let words): words.count
            }
        }
    }
    package struct Column: Hashable, Sendable {
        package var name: String
        package var values: Values

        package init(_ name: String, _ values: Values) {
            self.name = name
            self.values = values
        }
    }

    package let rowCount: Int
    package let columns: [Column]
    /// When each row is of, for the numbers nearest in time; all nil where rows have no time.
    package let instants: [Instant?]
    /// Where each row is, for the numbers nearest in space; all nil where rows have no place.
    package let places: [Place?]

    /// - Parameters:
    ///   - columns: each of `rowCount` values, all of different names.
    ///   - instants: one a row, or none at all; so `places`.
    package init(
        rowCount: Int,
        columns: [Column],
        instants: [Instant?] = [],
        places: [Place?] = []
    ) {
        for column in columns {
            precondition(
                column.values.count == rowCount,
                "column \(column.name): \(column.values.count) values in \(rowCount) rows"
            )
        }
        precondition(Set(columns.map(\.name)).count == columns.count, "two columns of one name")
        precondition([0, rowCount].contains(instants.count), "\(instants.count) instants")
        precondition([0, rowCount].contains(places.count), "\(places.count) places")
        self.rowCount = rowCount
        self.columns = columns
        self.instants = instants.isEmpty ? Array(repeating: nil, count: rowCount) : instants
        self.places = places.isEmpty ? Array(repeating: nil, count: rowCount) : places
    }

    /// The columns `category` and `tags` of a catalogue, with the items' places.
    package init(items: [Item]) {
        self.init(
            rowCount: items.count,
            columns: [
                Column(
                    "category",
                    .words(items.map { $0.category.isEmpty ? [] : [$0.category] })
                ),
                Column("tags", .words(items.map(\.tags))),
            ],
            places: items.map(\.place)
        )
    }

    package func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}

/// Numbers of items or users, one row each: what cleaning leaves and projections read.
package struct FeatureMatrix: Hashable, Sendable {
    package let columnNames: [String]
    package let rowCount: Int
    /// Shape [rowCount, columnNames.count], row-major.
    package let values: [Double]

    package init(columnNames: [String], rowCount: Int, values: [Double]) {
        precondition(
            values.count == rowCount * columnNames.count,
            "\(values.count) values for \(rowCount) × \(columnNames.count)"
        )
        self.columnNames = columnNames
        self.rowCount = rowCount
        self.values = values
    }

    package var columnCount: Int { columnNames.count }

    package subscript(row: Int, column: Int) -> Double {
        precondition(column >= 0 && column < columnCount, "column \(column) of \(columnCount)")
        return values[row * columnCount + column]
    }

    package func column(_ index: Int) -> [Double] { (0..<rowCount).map { self[$0, index] } }

    /// Refuses infinities and NaN: what reads a matrix does arithmetic on all of it.
    func checkFinite() throws(FeatureError) {
        let bad = values.indices.filter { !values[$0].isFinite }
        guard let first = bad.first else { return }
        throw FeatureError(
            code: .notFinite,
            place: "feature \(columnNames[first % columnCount])",
            problem: "\(bad.count) of \(values.count) numbers of the matrix are infinite or no "
                + "number, the first in row \(first / columnCount)",
            remedy: "mend the source, or clean it with not-finite=missing"
        )
    }
}

/// Why features were refused. Rows are named by their place, never by what they hold.
package struct FeatureError: Error, Hashable, Sendable {
    package enum Code: Sendable {
        case notFinite, noValues, noSuchColumn, wrongKind, wrongWidth, tooFewRows, oneClass,
            constant
        case badRule
    }
    package var code: Code
    /// `feature price`, `features`.
    package var place: String
    package var problem: String
    package var remedy: String
}
