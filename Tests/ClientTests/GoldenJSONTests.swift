import Client
import Foundation
import SwiftProtobuf
import Testing

/// One vector of testdata/golden/messages, written by Google's Python protobuf.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String
    let message: String
    let bytes: Data
    let json: Data

    var testDescription: String { name }

    static let all: [GoldenCase] = {
        let folder = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "testdata/golden/messages")
        func read(_ name: String) -> Data? { try? Data(contentsOf: folder.appending(path: name)) }
        let table = String(decoding: read("cases.tsv") ?? Data(), as: UTF8.self)
        return table.split(separator: "\n").compactMap { row in
            let columns = row.split(separator: "\t").map(String.init)
            guard
                columns.count == 2,
                let bytes = read("\(columns[0]).bin"),
                let json = read("\(columns[0]).json")
            else { return nil }
            return GoldenCase(name: columns[0], message: columns[1], bytes: bytes, json: json)
        }
    }()

    var type: (any SwiftProtobuf.Message.Type)? {
        let types: [any SwiftProtobuf.Message.Type] = [
            Chronotope_V1_Event.self, Chronotope_V1_PutEventsRequest.self,
            Chronotope_V1_PutEventsReply.self, Chronotope_V1_ListRequest.self,
            Chronotope_V1_ListReply.self, Chronotope_V1_LogRecord.self,
            Chronotope_V1_StoredRecord.self, Chronotope_V1_Request.self,
            Chronotope_V1_Response.self, Chronotope_V1_ServerInfo.self,
            Chronotope_V1_HealthCheckReply.self, Chronotope_V1_UserVectorReply.self,
            Chronotope_V1_ModelStatus.self, Chronotope_V1_CollectGarbageReply.self,
            Chronotope_V1_Run.self, Chronotope_V1_Pattern.self,
            Chronotope_V1_ListPatternsRequest.self, Chronotope_V1_ListPatternsReply.self,
            Chronotope_V1_GetPatternRequest.self, Chronotope_V1_PatternReply.self,
            Chronotope_V1_PatternDriftRequest.self, Chronotope_V1_PatternDriftReply.self,
            Chronotope_V1_MinePatternsRequest.self, Chronotope_V1_ExplainRequest.self,
            Chronotope_V1_Explanation.self, Chronotope_V1_WatchAlertsRequest.self,
            Chronotope_V1_WatchAlertsReply.self, Chronotope_V1_ReleaseCountsRequest.self,
            Chronotope_V1_ReleaseCountsReply.self, Chronotope_V1_PrivacyBudgetReply.self,
        ]
        return types.first { $0.protoMessageName == message }
    }
}

@Suite("golden messages through SwiftProtobuf")
struct GoldenJSONTests {
    @Test func `the vectors are there`() {
        #expect(GoldenCase.all.count >= 40)
        #expect(GoldenCase.all.allSatisfy { $0.type != nil })
    }

    @Test(arguments: GoldenCase.all)
    func `decode and encode give the same bytes`(_ golden: GoldenCase) throws {
        let message = try #require(golden.type).init(serializedBytes: golden.bytes)
        let bytes: Data = try message.serializedBytes()
        #expect(bytes == golden.bytes)
    }

    @Test(arguments: GoldenCase.all)
    func `the JSON form is the golden one`(_ golden: GoldenCase) throws {
        let message = try #require(golden.type).init(serializedBytes: golden.bytes)
        let json = try JSONSerialization.jsonObject(with: message.jsonUTF8Data())
        let expected = try JSONSerialization.jsonObject(with: golden.json)
        #expect(json as? NSDictionary == expected as? NSDictionary)
    }

    @Test(arguments: GoldenCase.all.filter { $0.name != "event-unknown-fields" })
    func `the golden JSON gives the same bytes`(_ golden: GoldenCase) throws {
        let message = try #require(golden.type).init(jsonUTF8Data: golden.json)
        let bytes: Data = try message.serializedBytes()
        #expect(bytes == golden.bytes)
    }
}

@Suite("table of methods")
struct MethodTableTests {
    @Test func `types are found by the name of a method`() throws {
        let recommend = try #require(MethodTypes.byName["chronotope.v1.Query/Recommend"])
        #expect(recommend.request is Chronotope_V1_ListRequest.Type)
        #expect(recommend.reply is Chronotope_V1_ListReply.Type)
        #expect(MethodTypes.byName.count > 30)
    }
}
