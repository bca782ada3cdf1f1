/// The choices of a model family by name, as flags give them and archives keep them.
package protocol ModelSettings: Hashable, Sendable {
    /// Of the model that they are for.
    static var family: String { get }
    /// The names that `set` knows.
    static var names: [String] { get }

    /// Of everything random.
    var seed: UInt64 { get set }
    /// As text, by name; floating-point numbers in the shortest form that reads back exactly.
    var texts: [String: String] { get }

    /// The committed choices.
    init()

    /// Sets one setting from text. Refuses unknown names, and values out of range.
    mutating func set(_ name: String, to text: String) throws(ModelError)
}

extension ModelSettings {
    /// Reads settings by name over the defaults; names of other parts are left alone.
    package init(texts: [String: String]) throws(ModelError) {
        self.init()
        for name in Self.names {
            if let text = texts[name] { try set(name, to: text) }
        }
    }

    /// Sets several, in the order of their names.
    package mutating func set(_ texts: [String: String]) throws(ModelError) {
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) { try set(name, to: text) }
    }

    static func read<Value: LosslessStringConvertible & Comparable>(
        _ text: String,
        _ name: String,
        in range: ClosedRange<Value>
    ) throws(ModelError) -> Value {
        guard let value = Value(text), range.contains(value) else {
            throw ModelError(
                code: .badArchive,
                place: name,
                problem: "'\(text)' is not in \(range)",
                remedy: "give a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    static func readFlag(_ text: String, _ name: String) throws(ModelError) -> Bool {
        guard let value = Bool(text) else {
            throw ModelError(
                code: .badArchive,
                place: name,
                problem: "'\(text)' is neither true nor false",
                remedy: "give true or false"
            )
        }
        return value
    }

    /// Weights by index of the action, divided by spaces.
    static func readWeights(_ text: String, _ name: String) throws(ModelError) -> [Float] {
        var weights: [Float] = []
        for word in text.split(separator: " ") {
            weights.append(try read(String(word), name, in: -1_000...1_000))
        }
        return weights
    }

    static func flag(_ text: String, _ name: String) throws(ModelError) -> Bool {
        guard let value = Bool(text) else {
            throw ModelError(
                code: .badArchive,
                place: name,
                problem: "'\(text)' is neither true nor false",
                remedy: "give true or false"
            )
        }
        return value
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ text: String,
        _ name: String
    ) throws(ModelError) -> Value {
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw ModelError(
                code: .badArchive,
                place: name,
                problem: "'\(text)' is not a choice",
                remedy: "use one of \(known)"
            )
        }
        return value
    }

    static func unknown(_ name: String) -> ModelError {
        ModelError(
            code: .badArchive,
            place: name,
            problem: "the \(family) family has no such setting",
            remedy: "use one of \(names.joined(separator: ", "))"
        )
    }
}
