import Foundation
import Messages
import Testing

/// One vector of testdata/golden/messages, written by Google's Python protobuf.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// "chronotope.v1.Event".
    let message: String
    let bytes: [UInt8]
    /// The bytes without fields that the contract does not know.
    let knownBytes: [UInt8]

    var testDescription: String { name }

    static let all: [GoldenCase] = {
        let folder = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "testdata/golden/messages")
        func read(_ name: String) -> Data? { try? Data(contentsOf: folder.appending(path: name)) }
        let table = String(decoding: read("cases.tsv") ?? Data(), as: UTF8.self)
        return table.split(separator: "\n").compactMap { row in
            let columns = row.split(separator: "\t").map(String.init)
            guard columns.count == 2, let bytes = read("\(columns[0]).bin") else { return nil }
            let known = read("\(columns[0]).known.bin") ?? bytes
            return GoldenCase(
                name: columns[0],
                message: columns[1],
                bytes: [UInt8](bytes),
                knownBytes: [UInt8](known)
            )
        }
    }()

    static func bytes(_ name: String) -> [UInt8]? { all.first { $0.name == name }?.bytes }
}

/// Decodes bytes as one message type and encodes the value again.
struct Recoder: Sendable {
    let name: String
    let recode: @Sendable ([UInt8]) throws(MessageError) -> [UInt8]

    init<Message: WireMessage>(_: Message.Type) {
        name = Message.fullName
        recode = { bytes throws(MessageError) in try Message(decoding: bytes).encoded() }
    }

    static let all: [Recoder] = [
        Recoder(Wire.Event.self), Recoder(Wire.PutEventsRequest.self),
        Recoder(Wire.PutEventsReply.self), Recoder(Wire.ListRequest.self),
        Recoder(Wire.ListReply.self), Recoder(Wire.LogRecord.self),
        Recoder(Wire.StoredRecord.self), Recoder(Wire.Request.self), Recoder(Wire.Response.self),
        Recoder(Wire.ServerInfo.self), Recoder(Wire.HealthCheckReply.self),
        Recoder(Wire.UserVectorReply.self), Recoder(Wire.ModelStatus.self),
        Recoder(Wire.CollectGarbageReply.self), Recoder(Wire.Run.self), Recoder(Wire.Pattern.self),
        Recoder(Wire.ListPatternsRequest.self), Recoder(Wire.ListPatternsReply.self),
        Recoder(Wire.GetPatternRequest.self), Recoder(Wire.PatternReply.self),
        Recoder(Wire.PatternDriftRequest.self), Recoder(Wire.PatternDriftReply.self),
        Recoder(Wire.MinePatternsRequest.self), Recoder(Wire.ExplainRequest.self),
        Recoder(Wire.Explanation.self), Recoder(Wire.WatchAlertsRequest.self),
        Recoder(Wire.WatchAlertsReply.self), Recoder(Wire.ReleaseCountsRequest.self),
        Recoder(Wire.ReleaseCountsReply.self), Recoder(Wire.PrivacyBudgetReply.self),
    ]

    static func named(_ name: String) -> Recoder? { all.first { $0.name == name } }
}
