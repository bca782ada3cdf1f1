import Events
import PatternFiles
import Patterns
import Testing
import Workers

@Suite("files of patterns")
struct PatternFileTests {
    private static func town() throws -> (PatternFile, PatternWords) {
        let town = SyntheticTown(TownSettings(seed: 3, userCount: 400))
        let pool = WorkerPool(name: "patterns", threadCount: 2, queueLimit: 1)
        let mined = try PatternMiner.mine(town.input, on: pool)
        return (PatternFile(mined), PatternWords(town.input.table.catalogue))
    }

    @Test("what is written reads back, of every kind")
    func roundTrip() throws {
        let (file, words) = try Self.town()
        #expect(Set(file.patterns.map(\.kind)) == Set(PatternKind.allCases))
        let bytes = try file.encoded(words: words)
        let read = try PatternFile.decode(bytes)
        #expect(read.patterns == file.patterns)
        #expect(read.summary == file.summary)
        #expect(try read.encoded(words: words) == bytes)
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == file.patterns.count + 1)
    }

    @Test("a file that was cut, changed or never was one is refused with its line")
    func damage() throws {
        let (file, _) = try Self.town()
        let bytes = try file.encoded(words: nil)
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n").map(String.init)
        func error(_ lines: [String]) -> PatternFileError? {
            #expect(throws: PatternFileError.self) {
                try PatternFile.decode(Array(lines.joined(separator: "\n").utf8))
            }
        }
        #expect(error([])?.line == 1)
        #expect(error(lines.dropLast())?.problem.contains("head") == true)
        #expect(error(Array(lines.dropFirst()))?.line == 1)
        let good = lines[2]
        lines[2] = String(good.dropLast(5))
        #expect(error(lines)?.line == 3)
        lines[2] = good.replacingFirst("\"kind\":\"association\"", with: "\"kind\":\"routine\"")
        #expect(error(lines)?.problem.contains("its id") == true)
        lines[2] = good
        lines[0] = lines[0].replacingFirst("\"version\":1", with: "\"version\":9")
        #expect(error(lines)?.problem.contains("version 9") == true)
    }
}

extension String {
    fileprivate func replacingFirst(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return replacingCharacters(range, other)
    }

    private func replacingCharacters(_ range: Range<String.Index>, _ other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
