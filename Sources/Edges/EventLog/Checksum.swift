import Kernels

/// The CRC-32C of `bytes[range]`: every checksum of the format.
func crc32c(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
    bytes.withRawBytes { CRC32C.checksum(of: $0.extracting(range)) }
}
