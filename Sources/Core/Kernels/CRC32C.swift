import CKernels

/// CRC-32C (Castagnoli, as in iSCSI, RFC 3720): detects every burst of up to 32 bits.
package enum CRC32C {
    /// The checksum of `bytes`, going on from the checksum `previous` of the bytes before them.
    package static func checksum(of bytes: RawSpan, after previous: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return previous }
            return unsafe ck_crc32c(
                previous,
                start.assumingMemoryBound(to: UInt8.self),
                buffer.count
            )
        }
    }

    /// The checksum of whole bytes in memory.
    package static func checksum(of bytes: [UInt8]) -> UInt32 {
        bytes.withRawBytes { checksum(of: $0) }
    }

    /// The same without the CPU's own instruction, for tests.
    package static func portableChecksum(of bytes: RawSpan, after previous: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return previous }
            return unsafe ck_crc32c_portable(
                previous,
                start.assumingMemoryBound(to: UInt8.self),
                buffer.count
            )
        }
    }
}
