internal import CProtobufC

/// Copies out of C structs whose bytes have passed `PreScan`.
enum CRead {
    static func string(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
        guard let pointer = unsafe pointer, unsafe pointer.pointee != 0 else { return "" }
        return unsafe String(cString: pointer)
    }

    static func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
        unsafe [UInt8](UnsafeBufferPointer(start: data.data, count: data.len))
    }

    static func `enum`<Value: WireEnum>(_ number: UInt32) -> Value {
        Value(rawValue: Int32(bitPattern: number))
    }

    static func message<Value: CBacked>(
        _ pointer: UnsafeMutablePointer<Value.CMessage>?
    ) -> Value? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe Value(copying: pointer.pointee)
    }

    /// For the chosen member of a oneof, which protobuf-c always allocates.
    static func required<Value: CBacked>(
        _ pointer: UnsafeMutablePointer<Value.CMessage>?
    ) -> Value {
        unsafe message(pointer) ?? Value()
    }

    static func strings(
        _ pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
        _ count: Int
    ) -> [String] {
        unsafe UnsafeBufferPointer(start: pointer, count: count).map { unsafe string($0) }
    }

    static func byteArrays(
        _ pointer: UnsafeMutablePointer<ProtobufCBinaryData>?,
        _ count: Int
    ) -> [[UInt8]] {
        unsafe UnsafeBufferPointer(start: pointer, count: count).map { unsafe bytes($0) }
    }

    static func numbers<Number: BitwiseCopyable>(
        _ pointer: UnsafeMutablePointer<Number>?,
        _ count: Int
    ) -> [Number] {
        unsafe [Number](UnsafeBufferPointer(start: pointer, count: count))
    }

    static func bools(
        _ pointer: UnsafeMutablePointer<protobuf_c_boolean>?,
        _ count: Int
    ) -> [Bool] {
        unsafe UnsafeBufferPointer(start: pointer, count: count).map { $0 != 0 }
    }

    static func messages<Value: CBacked>(
        _ pointer: UnsafeMutablePointer<UnsafeMutablePointer<Value.CMessage>?>?,
        _ count: Int
    ) -> [Value] {
        unsafe UnsafeBufferPointer(start: pointer, count: count).map { unsafe required($0) }
    }
}

extension WireEnum {
    /// As C holds it.
    var cValue: UInt32 { UInt32(bitPattern: rawValue) }
}
