/// Why a set of tensors is not what its reader needs.
package struct TensorError: Error, Hashable, Sendable {
    package enum Code: Sendable { case missing, wrongElement, wrongShape, badContent }
    package var code: Code
    /// The tensor's name.
    package var place: String
    package var problem: String
    package var remedy: String

    package init(
        code: Code,
        place: String,
        problem: String,
        remedy: String = "publish the version again with a program of this release"
    ) {
        self.code = code
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }
}

extension [Tensor] {
    /// The tensor of this name, checked against what the reader needs.
    ///
    /// - Parameter shape: nil entries match any length; a nil shape matches all.
    package func tensor(
        _ name: String,
        _ element: TensorElement,
        shape: [Int?]? = nil
    ) throws(TensorError) -> Tensor {
        guard let tensor = first(where: { $0.name == name }) else {
            throw TensorError(code: .missing, place: name, problem: "there is no such tensor")
        }
        guard tensor.element == element else {
            throw TensorError(
                code: .wrongElement,
                place: name,
                problem: "holds \(tensor.element.rawValue), expected \(element.rawValue)"
            )
        }
        if let shape, !tensor.matches(shape) {
            let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw TensorError(
                code: .wrongShape,
                place: name,
                problem: "shape \(tensor.shape), expected [\(expected)]"
            )
        }
        return tensor
    }
}

extension Tensor {
    fileprivate func matches(_ expected: [Int?]) -> Bool {
        shape.count == expected.count
            && zip(shape, expected).allSatisfy { $1 == nil || $0 == $1 }
    }
}
