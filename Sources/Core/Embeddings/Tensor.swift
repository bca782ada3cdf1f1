import Kernels

/// Where a tensor's bytes live: an array, or a file mapped read-only. Never written to.
package protocol TensorStorage: AnyObject, Sendable {
    /// Passes all bytes, aligned as the elements that lie there need.
    func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result
}

/// What a tensor holds. The raw values are the names in safetensors files.
package enum TensorElement: String, Hashable, Sendable, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case int32 = "I32"
    case int64 = "I64"
    case uint64 = "U64"
    case uint8 = "U8"

    package var byteCount: Int {
        switch self {
        case .uint8: 1
        case .float16: 2
        case .float32, .int32: 4
        case .float64, .int64, .uint64: 8
        }
    }
}

/// A named, immutable block of numbers in row-major order, little-endian.
///
/// A value that is cheap to copy: copies share the bytes.
package struct Tensor: Sendable {
    package let name: String
    package let element: TensorElement
    /// Length of every dimension, outermost first; empty for one number.
    package let shape: [Int]
    package let storage: any TensorStorage

    /// - Parameter storage: exactly the bytes of the shape; checked here once.
    package init(
        _ name: String,
        element: TensorElement,
        shape: [Int],
        storage: any TensorStorage
    ) {
        precondition(shape.allSatisfy { $0 >= 0 }, "tensor \(name) of shape \(shape)")
        let needed = shape.reduce(1, *) * element.byteCount
        let given = storage.withBytes { $0.byteCount }
        precondition(given == needed, "tensor \(name) \(shape): \(given) bytes, needs \(needed)")
        self.name = name
        self.element = element
        self.shape = shape
        self.storage = storage
    }

    package init(_ name: String, shape: [Int], doubles: [Double]) {
        self.init(name, element: .float64, shape: shape, storage: ArrayStorage(doubles))
    }
    package init(_ name: String, shape: [Int], floats: [Float]) {
        self.init(name, element: .float32, shape: shape, storage: ArrayStorage(floats))
    }
    package init(_ name: String, shape: [Int], halves: [Float16]) {
        self.init(name, element: .float16, shape: shape, storage: ArrayStorage(halves))
    }
    package init(_ name: String, shape: [Int], int32s: [Int32]) {
        self.init(name, element: .int32, shape: shape, storage: ArrayStorage(int32s))
    }
    package init(_ name: String, shape: [Int], int64s: [Int64]) {
        self.init(name, element: .int64, shape: shape, storage: ArrayStorage(int64s))
    }
    package init(_ name: String, shape: [Int], uint64s: [UInt64]) {
        self.init(name, element: .uint64, shape: shape, storage: ArrayStorage(uint64s))
    }
    package init(_ name: String, shape: [Int], bytes: [UInt8]) {
        self.init(name, element: .uint8, shape: shape, storage: ArrayStorage(bytes))
    }

    package var count: Int { shape.reduce(1, *) }
    package var byteCount: Int { count * element.byteCount }

    /// The same bytes under another name.
    package func named(_ name: String) -> Tensor {
        Tensor(name, element: element, shape: shape, storage: storage)
    }
}

extension Tensor {
    package func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try storage.withBytes(body)
    }
    /// Passes the numbers without copying. The tensor must be of this element, here and below.
    package func withDoubles<Result>(_ body: (Span<Double>) throws -> Result) rethrows -> Result {
        try withElements(.float64, body)
    }
    package func withFloats<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
        try withElements(.float32, body)
    }
    package func withHalves<Result>(_ body: (Span<Float16>) throws -> Result) rethrows -> Result {
        try withElements(.float16, body)
    }
    package func withInt32s<Result>(_ body: (Span<Int32>) throws -> Result) rethrows -> Result {
        try withElements(.int32, body)
    }
    package func withInt64s<Result>(_ body: (Span<Int64>) throws -> Result) rethrows -> Result {
        try withElements(.int64, body)
    }
    package func withUInt64s<Result>(_ body: (Span<UInt64>) throws -> Result) rethrows -> Result {
        try withElements(.uint64, body)
    }

    /// Copies.
    package func doubles() -> [Double] { withDoubles(Self.copy) }
    package func floats() -> [Float] { withFloats(Self.copy) }
    package func halves() -> [Float16] { withHalves(Self.copy) }
    package func int32s() -> [Int32] { withInt32s(Self.copy) }
    package func int64s() -> [Int64] { withInt64s(Self.copy) }
    package func uint64s() -> [UInt64] { withUInt64s(Self.copy) }
    package func bytes() -> [UInt8] { withElements(.uint8, Self.copy) }

    private func withElements<Element: RawElement, Result>(
        _ expected: TensorElement,
        _ body: (Span<Element>) throws -> Result
    ) rethrows -> Result {
        precondition(element == expected, "tensor \(name) holds \(element), not \(expected)")
        return try storage.withBytes { try $0.withElements(as: Element.self, body) }
    }

    private static func copy<Element: RawElement>(_ span: Span<Element>) -> [Element] {
        span.copied()
    }
}

/// Bytes held by an array.
private final class ArrayStorage<Element: RawElement>: TensorStorage {
    private let elements: [Element]
    init(_ elements: [Element]) { self.elements = elements }

    func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try elements.withRawBytes(body)
    }
}
