import DataFiles
import Events
import Testing

@Suite("files of feature vectors")
struct FeatureRowsTests {
    @Test("the first column is the item, the others its numbers, compressed or not")
    func read() throws {
        let scratch = try Scratch()
        let text = "item,a,b\ni1,0.5,-1e-3\n\"i,2\",3,4\n"
        for path in [
            try scratch.write(text, "plain.csv"), try scratch.write(text, "small.csv", as: .xz),
        ] {
            let rows = try FeatureRows.read(path, name: "text")
            #expect(rows.map(\.item) == ["i1", "i,2"])
            #expect(
                rows.map(\.vector) == [
                    FeatureVector(name: "text", values: [0.5, -1e-3]),
                    FeatureVector(name: "text", values: [3, 4]),
                ]
            )
        }
    }

    @Test(
        "a row that is no vector is refused by line",
        arguments: [
            ("item,a\ni1,1\ni2,nan\n", 3), ("item,a\ni1,\n", 2), ("item,a\n,1\n", 2),
            ("item,a\ni1,1e39\n", 2), ("item,a,b\ni1,1\n", 2), ("item\ni1\n", 1),
        ]
    )
    func broken(_ text: String, _ line: Int) throws {
        let scratch = try Scratch()
        let path = try scratch.write(text, "bad.csv")
        let error = DataFileError.of { _ = try FeatureRows.read(path, name: "text") }
        #expect(error?.lineNumber == line && error?.remedy.isEmpty == false)
    }
}
