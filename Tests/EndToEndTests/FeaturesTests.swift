import Foundation
import Testing

extension EndToEndTests {
    @Suite("feature vectors of items")
    struct FeaturesTests {
        @Test("features gives items their vectors and leaves the rest; another length is refused")
        func features() async throws {
            try await Scratch.with { scratch in
                try await Server.with("ingest", in: scratch) { server in
                    let item = #"{"id": "i1", "name": "Kaffee", "category": "Café"}"#
                    _ = try await server.call("Ingest/PutItems", #"{"items": [\#(item)]}"#)
                    let file = try scratch.write("text.csv", "item,a,b\ni1,0.5,-1\ni2,1,2\n")
                    let reply = try await server.json("features", "text=\(file)")
                    #expect(reply["accepted"].number == 2, "\(reply)")
                    let known = try await server.call("Ingest/GetItems", #"{"ids": ["i1"]}"#)
                    #expect(known["items"][0]["name"].text == "Kaffee", "\(known)")
                    let other = try scratch.write("other.csv", "item,a\ni1,0.5\n")
                    let refused = try await server.chronotope("features", "text=\(other)")
                    #expect(refused.status == 1 && refused.errors.contains("Remedy"), "\(refused)")
                    let broken = try scratch.write("broken.csv", "item,a,b\ni1,0.5,nan\n")
                    let bad = try await server.chronotope("features", "text=\(broken)")
                    #expect(bad.status == 2 && bad.errors.contains("line 2"), "\(bad)")
                    let unnamed = try await server.chronotope("features", file)
                    #expect(unnamed.status == 2 && unnamed.errors.contains("NAME=FILE"))
                }
            }
        }
    }
}
