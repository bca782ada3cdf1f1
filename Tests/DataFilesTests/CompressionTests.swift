import DataFiles
import Testing

@Suite("compressed files")
struct CompressionTests {
    private static let packed: [Compression] = [.gzip, .xz, .zstandard]
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Half noise, half text, so that both stored and compressed blocks occur.
    private func content(_ count: Int, seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { index in
            index % 64 < 32 ? UInt8.random(in: 0...255, using: &generator) : 0x61
        }
    }

    @Test(
        "come back whole at every size around the chunk",
        arguments: [Compression.none] + packed,
        [0, 1, 131_071, 131_072, 131_073, 1_000_000]
    )
    func whole(_ compression: Compression, _ count: Int) throws {
        let bytes = content(count, seed: 1)
        let packed = Compressor.compress(bytes, as: compression)
        let path = try scratch.write(packed, "content" + compression.suffix)
        #expect(try TextFile.contents(of: path) == bytes)
    }

    @Test("are known by their bytes, whatever the name", arguments: packed)
    func magic(_ compression: Compression) throws {
        let path = try scratch.write(Compressor.compress([1, 2, 3], as: compression), "plain.csv")
        #expect(try TextFile.contents(of: path) == [1, 2, 3])
    }

    @Test("laid end to end give their contents end to end", arguments: packed)
    func concatenated(_ compression: Compression) throws {
        let (first, second) = (content(200_000, seed: 2), content(77, seed: 3))
        let bytes =
            Compressor.compress(first, as: compression)
            + Compressor.compress(second, as: compression)
        let path = try scratch.write(bytes, "two" + compression.suffix)
        #expect(try TextFile.contents(of: path) == first + second)
    }

    @Test("cut short anywhere are errors that name the file and the byte", arguments: packed)
    func truncated(_ compression: Compression) throws {
        let whole = Compressor.compress(content(700, seed: 4), as: compression)
        for count in 0..<whole.count {
            let path = try scratch.write(Array(whole.prefix(count)), "cut" + compression.suffix)
            let error = DataFileError.of { _ = try TextFile.contents(of: path) }
            #expect(error?.path == path, "cut at \(count)")
            let allowed: [DataFileError.Code] = count < 8 ? [.truncated, .corrupt] : [.truncated]
            #expect(error.map { allowed.contains($0.code) } == true, "cut at \(count)")
            #expect(error?.byteOffset.map { $0 <= count } == true, "cut at \(count)")
        }
    }

    @Test("with a flipped byte are errors, or the flip changed nothing", arguments: packed)
    func flipped(_ compression: Compression) throws {
        let bytes = content(500, seed: 5)
        let whole = Compressor.compress(bytes, as: compression)
        var errorCount = 0
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 0x10
            let path = try scratch.write(damaged, "flip" + compression.suffix)
            do {
                let read = try TextFile.contents(of: path)
                #expect(read == bytes, "flipped at \(position)")
            } catch {
                errorCount += 1
            }
        }
        #expect(errorCount > whole.count * 9 / 10)
    }

    @Test("that grow past the limit stop there", arguments: packed)
    func tooLarge(_ compression: Compression) throws {
        let bomb = Compressor.compress([UInt8](repeating: 0, count: 5_000_000), as: compression)
        let path = try scratch.write(bomb, "bomb" + compression.suffix)
        let error = DataFileError.of {
            _ = try TextFile.contents(of: path, decodedByteLimit: 1_000_000)
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.problem.contains("1000000") == true)
    }

    @Test("in name only, absent ones and folders are told apart")
    func refused() throws {
        let named = try scratch.write("user,item", "plain.csv.xz")
        #expect(DataFileError.of { _ = try TextFile.contents(of: named) }?.code == .corrupt)
        let absent = scratch.folder + "/absent.csv"
        #expect(DataFileError.of { _ = try TextFile.contents(of: absent) }?.code == .notFound)
        #expect(DataFileError.of { _ = try TextFile.contents(of: scratch.folder) }?.code == .io)
    }

    @Test("are found by the name that they have without compression")
    func find() throws {
        let path = try scratch.write("1 2", "train.txt", as: .zstandard)
        #expect(try TextFile.find("train.txt", in: scratch.folder) == path)
        let absent = DataFileError.of { _ = try TextFile.find("none", in: scratch.folder) }
        #expect(absent?.code == .notFound)
    }
}
