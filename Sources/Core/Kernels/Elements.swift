/// Numbers whose every bit pattern is a value, so that bytes of a file may be read as them.
package protocol RawElement: BitwiseCopyable, Sendable {}

extension Double: RawElement {}
extension Float: RawElement {}
extension Float16: RawElement {}
extension Int32: RawElement {}
extension Int64: RawElement {}
extension UInt8: RawElement {}
extension UInt32: RawElement {}
extension UInt64: RawElement {}

extension RawSpan {
    /// Passes these bytes as elements, without copying.
    ///
    /// The bytes must start at a multiple of the element's alignment and hold whole elements.
    package func withElements<Element: RawElement, Result>(
        as type: Element.Type,
        _ body: (Span<Element>) throws -> Result
    ) rethrows -> Result {
        try unsafe withUnsafeBytes { buffer in
            precondition(
                buffer.count % MemoryLayout<Element>.stride == 0,
                "\(buffer.count) bytes are no whole number of \(type)"
            )
            precondition(
                UInt(bitPattern: buffer.baseAddress) % UInt(MemoryLayout<Element>.alignment) == 0,
                "bytes for \(type) are not aligned"
            )
            return try unsafe body(Span(_unsafeElements: buffer.assumingMemoryBound(to: type)))
        }
    }
}

extension Span where Element: RawElement {
    /// The elements as an array of their own.
    package func copied() -> [Element] {
        unsafe withUnsafeBufferPointer { unsafe Array($0) }
    }
}

extension Array where Element: RawElement {
    /// Passes the bytes of the elements in memory order, without copying.
    package func withRawBytes<Result>(
        _ body: (RawSpan) throws -> Result
    ) rethrows -> Result {
        try unsafe body(span.bytes)
    }
}
