import Embeddings
import Events
import Models
import Synchronization

/// Answers as the model that it wraps does, and remembers the bits of every answer.
///
/// Ranks can stay the same while scores move: a leak shows in the bits first.
struct ScoreRecorder: RecommenderModel {
    static let family = "recorder"

    let model: any RecommenderModel
    private let log = Log()

    private final class Log: Sendable {
        let answers = Mutex<[UInt64]>([])
    }

    init(_ model: any RecommenderModel) { self.model = model }

    /// A fingerprint of each answer so far, in no order that depends on threads.
    var answers: [UInt64] { log.answers.withLock { $0.sorted() } }

    var catalogue: ItemTable { model.catalogue }
    var actions: Vocabulary { model.actions }
    var partNames: [String] { model.partNames }
    var itemEmbeddings: EmbeddingTable { model.itemEmbeddings }
    var trainedStatistics: LiveStatistics { model.trainedStatistics }

    func userEmbedding(of history: UserHistory) -> [Float] { model.userEmbedding(of: history) }

    func scores(for question: Question, given statistics: LiveStatistics) -> [Float] {
        let scores = model.scores(for: question, given: statistics)
        let parts = model.parts(of: [0], for: question, given: statistics)
        let print = Self.fingerprint(scores + parts.flatMap { $0 })
        log.answers.withLock { $0.append(print) }
        return scores
    }

    func parts(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]] {
        model.parts(of: items, for: question, given: statistics)
    }

    func archive() -> ModelArchive { model.archive() }

    static func load(_ archive: ModelArchive) throws(ModelError) -> ScoreRecorder {
        ScoreRecorder(try ModelLoader.load(archive))
    }

    /// FNV-1a over the bits.
    static func fingerprint(_ numbers: [Float]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for number in numbers {
            hash = (hash ^ UInt64(number.bitPattern)) &* 0x0000_0100_0000_01B3
        }
        return hash
    }
}
