import Crypto

/// The keyed hash that gives every user one of 64 shards.
///
/// The shard is the top six bits of HMAC-SHA256(key, user id as UTF-8). The key keeps the spread
/// from being steered by chosen ids; it never enters a file, only its fingerprint does.
package struct UserShards: Sendable {
    package static let count = 64
    package static let keyByteCount = 32

    private let key: SymmetricKey
    /// 32 hexadecimal digits: the first half of HMAC-SHA256(key, "chronotope user key").
    package let fingerprint: String

    /// - Parameter key: 32 secret bytes, the same wherever this store is used.
    package init(key: [UInt8]) throws(ModelStoreError) {
        guard key.count == Self.keyByteCount else {
            throw .invalid(
                "user key",
                "\(key.count) bytes, must be \(Self.keyByteCount)",
                "make one with: head -c 32 /dev/urandom"
            )
        }
        self.key = SymmetricKey(data: key)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("chronotope user key".utf8),
            using: self.key
        )
        fingerprint = Array(code).prefix(16).hexadecimal
    }

    /// 0..<64.
    package func shard(of userID: String) -> Int {
        let code = HMAC<SHA256>.authenticationCode(for: Array(userID.utf8), using: key)
        return Int(Array(code)[0] >> 2)
    }

    /// users-00.safetensors … users-63.safetensors
    package static func fileName(of shard: Int) -> String {
        precondition((0..<count).contains(shard), "shard \(shard) of \(count)")
        return "users-\(shard < 10 ? "0" : "")\(shard).safetensors"
    }
}
