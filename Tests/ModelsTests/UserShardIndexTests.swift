import Embeddings
import Events
import Models
import Testing

@Suite("users of a shard, as served")
struct UserShardIndexTests {
    private func rows(ids: [String] = ["a", "b", "é"]) -> UserShardRows {
        func entry(_ item: Int32, _ second: Int64) -> UserHistory.Entry {
            UserHistory.Entry(
                item: item,
                action: -1,
                utcOffsetMinutes: -240,
                instant: Instant(secondsSinceEpoch: second),
                value: 0.5
            )
        }
        return UserShardRows(
            ids: ids,
            histories: [
                UserHistory([entry(0, 5), entry(2, 3)]), UserHistory(), UserHistory([entry(1, 9)]),
            ],
            embeddings: EmbeddingTable(
                "users.embedding",
                dimension: 2,
                floats: [1, 2, 3, 4, 5, 6]
            )
        )
    }

    @Test("ids, last events and vectors are those of the rows")
    func readsRows() throws {
        let rows = rows()
        let index = try UserShardIndex(from: rows.tensors, itemCount: 3)
        #expect(index.ids == rows.ids)
        #expect(index.lastEntries == rows.histories.map(\.last))
        #expect(index.embeddings.row(2) == [5, 6])
        for (row, id) in index.ids.enumerated() {
            #expect(UserShardIndex.row(of: id, in: index.ids) == row)
        }
        for stranger in ["", "aa", "z", "ö"] {
            #expect(UserShardIndex.row(of: stranger, in: index.ids) == nil)
        }
    }

    @Test("an item that the model has not, and users out of order, are refused by name")
    func refuses() {
        #expect {
            try UserShardIndex(from: rows().tensors, itemCount: 2)
        } throws: {
            ($0 as? ModelError)?.place == "history.item"
        }
        #expect {
            try UserShardIndex(from: rows(ids: ["b", "a", "c"]).tensors, itemCount: 3)
        } throws: {
            ($0 as? ModelError)?.place == "users.id"
        }
    }
}
