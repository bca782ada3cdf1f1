internal import Events

extension Pattern {
    /// 16 hexadecimal digits, a hash of kind, antecedent and consequent alone: the same pattern in
    /// two versions has one id.
    package var id: String {
        // Of 64 bits, so that 10⁵ patterns meet with a probability of 3·10⁻¹⁰.
        var hash = StableHash()
        hash.combine(canonicalText.utf8)
        return hash.digits
    }

    /// Kind, antecedent and consequent as one text that no other pattern has.
    package var canonicalText: String {
        var parts = [kind.rawValue]
        func add(_ name: String, _ value: String?) {
            // The length keeps apart what a name with the same marks would join.
            if let value { parts.append("\(name)=\(value.utf8.count):\(value)") }
        }
        add("slots", antecedent.slots?.canonicalText)
        add("cell", antecedent.cell?.token)
        add("action", antecedent.action)
        add("context", antecedent.context)
        add("segment", antecedent.segment)
        add("user", antecedent.user)
        add("after", antecedent.after?.canonicalText)
        add("within", antecedent.withinSeconds.map { "\($0)" })
        add("then", consequent.canonicalText)
        return parts.joined(separator: "|")
    }
}

extension PatternTarget {
    /// `item`, `category` or `cell`, and which.
    package var canonicalText: String { "\(kindName) \(name)" }

    package var kindName: String {
        switch self {
        case .item: "item"
        case .category: "category"
        case .cell: "cell"
        }
    }

    /// The id, the category's word or the cell's token.
    package var name: String {
        switch self {
        case .item(let id): id
        case .category(let word): word
        case .cell(let cell): cell.token
        }
    }

    /// From `kindName` and `name`; nil where they are none.
    package init?(kindName: String, name: String) {
        switch kindName {
        case "item": self = .item(name)
        case "category": self = .category(name)
        case "cell":
            guard let cell = Cell(token: name) else { return nil }
            self = .cell(cell)
        default: return nil
        }
    }
}

extension SlotRange {
    /// "weekdays 08+2": days, start hour, hours.
    package var canonicalText: String {
        "\(days) \(Self.twoDigits(startHour))+\(hourCount)"
    }

    /// Reads `canonicalText`; nil where it is none.
    package init?(canonicalText: String) {
        let halves = canonicalText.split(separator: " ", omittingEmptySubsequences: false)
        guard
            halves.count == 2,
            let days = Days.allCases.first(where: { "\($0)" == halves[0] })
        else { return nil }
        let numbers = halves[1].split(separator: "+").compactMap { Int($0) }
        guard
            numbers.count == 2, (0..<24).contains(numbers[0]), (1...24).contains(numbers[1])
        else { return nil }
        self.init(days: days, startHour: numbers[0], hourCount: numbers[1])
    }

    static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
