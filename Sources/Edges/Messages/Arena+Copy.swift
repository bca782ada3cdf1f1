internal import CProtobufC

#if canImport(Glibc)
    internal import Glibc
#endif

/// Copies of Swift values in the form that protobuf-c packs.
extension Arena {
    typealias CString = UnsafeMutablePointer<CChar>

    func copy(_ string: String) -> CString? {
        var string = string
        return string.withUTF8 { utf8 in
            guard let source = utf8.baseAddress, utf8.count > 0 else {
                return unsafe emptyString()
            }
            if unsafe memchr(source, 0, utf8.count) != nil {
                return unsafe copyReplacingNUL(utf8)
            }
            let target = unsafe array(of: CChar.self, count: utf8.count + 1)
            unsafe memcpy(target, source, utf8.count)
            unsafe target[utf8.count] = 0
            return unsafe target
        }
    }

    private func copyReplacingNUL(_ utf8: UnsafeBufferPointer<UInt8>) -> CString {
        let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
        var replaced: [UInt8] = []
        unsafe utf8.forEach { replaced += $0 == 0 ? replacement : [$0] }
        replaced.append(0)
        let target = unsafe array(of: CChar.self, count: replaced.count)
        for (index, byte) in replaced.enumerated() {
            unsafe target[index] = CChar(bitPattern: byte)
        }
        return unsafe target
    }

    private func emptyString() -> CString {
        let target = unsafe array(of: CChar.self, count: 1)
        unsafe target.pointee = 0
        return unsafe target
    }

    func copy(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        let target = unsafe array(of: UInt8.self, count: max(bytes.count, 1))
        unsafe target.update(from: bytes, count: bytes.count)
        return unsafe ProtobufCBinaryData(len: bytes.count, data: target)
    }

    func copy(_ strings: [String]) -> UnsafeMutablePointer<CString?>? {
        let target = unsafe array(of: CString?.self, count: max(strings.count, 1))
        for (index, string) in strings.enumerated() {
            unsafe target[index] = copy(string)
        }
        return unsafe target
    }

    func copy(_ values: [[UInt8]]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        let target = unsafe array(of: ProtobufCBinaryData.self, count: max(values.count, 1))
        for (index, bytes) in values.enumerated() {
            unsafe target[index] = copy(bytes)
        }
        return unsafe target
    }

    func copy<Number: BitwiseCopyable>(_ numbers: [Number]) -> UnsafeMutablePointer<Number>? {
        let target = unsafe array(of: Number.self, count: max(numbers.count, 1))
        unsafe target.update(from: numbers, count: numbers.count)
        return unsafe target
    }

    func copy(_ flags: [Bool]) -> UnsafeMutablePointer<protobuf_c_boolean>? {
        unsafe copy(flags.map { protobuf_c_boolean($0 ? 1 : 0) })
    }

    func copy<Value: CBacked>(_ value: Value?) -> UnsafeMutablePointer<Value.CMessage>? {
        guard let value else { return nil }
        let target = unsafe array(of: Value.CMessage.self, count: 1)
        unsafe protobuf_c_message_init(Value.descriptor, target)
        unsafe value.fill(&target.pointee, in: self)
        return unsafe target
    }

    func copy<Value: CBacked>(
        _ values: [Value]
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<Value.CMessage>?>? {
        let target = unsafe array(
            of: UnsafeMutablePointer<Value.CMessage>?.self,
            count: max(values.count, 1)
        )
        for (index, value) in values.enumerated() {
            unsafe target[index] = copy(value)
        }
        return unsafe target
    }
}
