package import Embeddings
internal import Events

// How a fit lies in a version: `<name>.columns` and `<name>.rules` (strings, one a column),
// `<name>.numbers` (F64 [columns, 5]: fill, low, high, centre, scale; 0 for columns of words),
// `<name>.<index>.words` (strings) for vocabularies, `<name>.<index>.donors` (F64 [rows, 4]:
// latitude, longitude, accuracy, number) and `<name>.<index>.instants` (I64) with
// `<name>.<index>.donors` (F64 [rows, 1]) for the rows that lend numbers.

extension FeatureFit {
    private static let unused = [Double](repeating: 0, count: 5)

    package func tensors(_ name: String) -> [Tensor] {
        var tensors = StringColumn("\(name).columns", columns.map(\.name)).tensors
        tensors += StringColumn("\(name).rules", columns.map(\.rule.text)).tensors
        let numbers = columns.flatMap { column in
            if case .number(let fit, _) = column.learned { fit.numbers } else { Self.unused }
        }
        let shape = [columns.count, Self.unused.count]
        tensors.append(Tensor("\(name).numbers", shape: shape, doubles: numbers))
        for (index, column) in columns.enumerated() {
            tensors += column.learned.tensors("\(name).\(index)")
        }
        return tensors
    }

    /// Reads a fit back, equal to the one stored.
    package init(_ name: String, from tensors: [Tensor]) throws(TensorError) {
        let names = try StringColumn("\(name).columns", from: tensors).strings
        let rules = try StringColumn("\(name).rules", from: tensors).strings
        let shape = [names.count, Self.unused.count]
        let numbers = try tensors.tensor("\(name).numbers", .float64, shape: shape).doubles()
        guard rules.count == names.count else {
            throw TensorError(
                code: .badContent,
                place: "\(name).rules",
                problem: "\(rules.count) rules for \(names.count) columns"
            )
        }
        var columns: [Column] = []
        for (index, column) in names.enumerated() {
            let rule = try Self.rule(rules[index], column, "\(name).rules")
            let start = index * Self.unused.count
            let part = Array(numbers[start..<start + Self.unused.count])
            let place = "\(name).\(index)"
            let learned = try Learned(rule, column, place, part, tensors)
            columns.append(Column(name: column, rule: rule, learned: learned))
        }
        self.init(columns: columns)
    }

    private static func rule(
        _ text: String,
        _ column: String,
        _ place: String
    ) throws(TensorError) -> FeatureRule {
        do {
            return try FeatureRule(text: text, column: column)
        } catch {
            let problem = "\(error.place): \(error.problem)"
            throw TensorError(code: .badContent, place: place, problem: problem)
        }
    }
}

extension FeatureFit.Learned {
    fileprivate func tensors(_ place: String) -> [Tensor] {
        switch self {
        case .number(_, .none), .hashing: return []
        case .number(_, .time(let rows)):
            let instants = rows.instants.map(\.millisecondsSinceEpoch)
            return [
                Tensor("\(place).instants", shape: [instants.count], int64s: instants),
                Tensor("\(place).donors", shape: [instants.count, 1], doubles: rows.values),
            ]
        case .number(_, .space(let donors)):
            let rows = donors.rows
            let numbers = rows.flatMap { place, value in
                [
                    place.latitudeDegrees, place.longitudeDegrees, place.accuracyMeters, value,
                ]
            }
            return [Tensor("\(place).donors", shape: [rows.count, 4], doubles: numbers)]
        case .ordinal(let vocabulary): return StringColumn("\(place).words", vocabulary.ids).tensors
        case .oneHot(let encoder): return StringColumn("\(place).words", encoder.words.ids).tensors
        }
    }

    fileprivate init(
        _ rule: FeatureRule,
        _ column: String,
        _ place: String,
        _ numbers: [Double],
        _ tensors: [Tensor]
    ) throws(TensorError) {
        switch rule {
        case .number(let missing, _, _):
            guard let fit = NumberFit(numbers) else {
                throw TensorError(
                    code: .badContent,
                    place: place,
                    problem: "its five numbers are no fit"
                )
            }
            self = .number(fit, try Self.donors(missing, place, tensors))
        case .ordinal: self = .ordinal(try Self.vocabulary(place, tensors))
        case .oneHot: self = .oneHot(OneHotEncoder(words: try Self.vocabulary(place, tensors)))
        case .hashing(let width): self = .hashing(HashingEncoder(width: width, salt: column))
        }
    }

    private static func vocabulary(
        _ place: String,
        _ tensors: [Tensor]
    ) throws(TensorError) -> Vocabulary {
        let words = try StringColumn("\(place).words", from: tensors).strings
        let vocabulary = Vocabulary(words)
        guard vocabulary.ids == words else {
            throw TensorError(
                code: .badContent,
                place: "\(place).words",
                problem: "the words do not ascend"
            )
        }
        return vocabulary
    }

    private static func donors(
        _ missing: MissingRule,
        _ place: String,
        _ tensors: [Tensor]
    ) throws(TensorError) -> FeatureDonors {
        switch missing {
        case .nearestInTime:
            let instants = try tensors.tensor("\(place).instants", .int64, shape: [nil]).int64s()
            let shape = [instants.count, 1]
            let numbers = try tensors.tensor("\(place).donors", .float64, shape: shape).doubles()
            let rows = zip(instants, numbers).map {
                (instant: Instant(millisecondsSinceEpoch: $0), value: $1)
            }
            return .time(NearestInTime(rows))
        case .nearestInSpace:
            let tensor = try tensors.tensor("\(place).donors", .float64, shape: [nil, 4])
            let numbers = tensor.doubles()
            let rows = stride(from: 0, to: numbers.count, by: 4).compactMap { row in
                Place(
                    latitudeDegrees: numbers[row],
                    longitudeDegrees: numbers[row + 1],
                    accuracyMeters: numbers[row + 2]
                ).map { (place: $0, value: numbers[row + 3]) }
            }
            guard rows.count * 4 == numbers.count else {
                throw TensorError(
                    code: .badContent,
                    place: tensor.name,
                    problem: "\(numbers.count / 4 - rows.count) rows are no places"
                )
            }
            return .space(NearestInSpace(rows))
        case .mean, .median, .constant, .drop: return .none
        }
    }
}
