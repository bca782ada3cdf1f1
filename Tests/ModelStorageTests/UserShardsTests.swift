import ModelStorage
import Testing

@Suite("user shards")
struct UserShardsTests {
    /// From Python's hmac module with the key 0, 1, … 31.
    @Test("shards and fingerprint equal an independent HMAC-SHA256")
    func vectors() throws {
        let shards = try StoreFixture.shards()
        let expected = ["alice": 27, "": 52, "Ωμέγα": 62, "user-42": 29]
        for (user, shard) in expected { #expect(shards.shard(of: user) == shard, "\(user)") }
        #expect(shards.fingerprint == "21d6b150a0882c39ab0e9bf2c7893ae8")
    }

    @Test("users spread evenly over the 64 shards")
    func even() throws {
        let shards = try StoreFixture.shards()
        var counts = [Int](repeating: 0, count: UserShards.count)
        for user in 0..<64_000 { counts[shards.shard(of: "user-\(user)")] += 1 }
        // 1,000 expected; five standard deviations of a binomial are 157.
        #expect(counts.allSatisfy { abs($0 - 1_000) < 157 }, "\(counts)")
    }

    @Test("another key gives another spread and another fingerprint")
    func keys() throws {
        let (left, right) = (try StoreFixture.shards(0), try StoreFixture.shards(1))
        #expect(left.fingerprint != right.fingerprint)
        let same = (0..<6_400).count { left.shard(of: "\($0)") == right.shard(of: "\($0)") }
        #expect(same < 200, "\(same) of 6,400 users keep their shard; chance gives 100")
    }

    @Test("a key of another length is refused", arguments: [0, 16, 31, 33])
    func badKey(count: Int) {
        let code = errorCode { _ = try UserShards(key: [UInt8](repeating: 1, count: count)) }
        #expect(code == .invalidArgument)
    }

    @Test("file names have two digits")
    func names() {
        #expect(UserShards.fileName(of: 0) == "users-00.safetensors")
        #expect(UserShards.fileName(of: 63) == "users-63.safetensors")
    }
}
