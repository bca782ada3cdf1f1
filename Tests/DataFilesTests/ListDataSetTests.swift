import DataFiles
import Events
import Testing

@Suite("list data sets", .enabled(if: SharedData.folder != nil, "needs the shared data"))
struct ListDataSetTests {
    private let folder = SharedData.folder ?? ""

    @Test("movielens-100k has the ratings, users and items that its page states")
    func ratings() throws {
        let (ratings, refused) = try MovieLensRatings.read("\(folder)/movielens-100k")
        #expect(ratings.rows.count == 100_000)
        #expect(ratings.users.count == 943)
        #expect(ratings.catalogue.items.count == 1_682)
        #expect(refused.count == 0)
        let isConsistent = ratings.rows.allSatisfy {
            ratings.actions.ids[Int($0.action)] == "rate-\(Int($0.value))"
        }
        #expect(isConsistent)
    }

    @Test("the behaviour sets have the views, carts, purchases and targets of their pages")
    func behaviours() throws {
        let taobao = try BehaviourFiles.read("\(folder)/taobao-mb")
        #expect(taobao.train.users.count == 15_449)
        #expect(taobao.train.catalogue.items.count == 11_953)
        #expect(counts(taobao) == [92_180, 180_027, 858_505])
        #expect(taobao.targets.count == 15_449)
        #expect(!taobao.hasTimes && taobao.keepsTargetViews && taobao.refused.count == 0)
        let retail = try BehaviourFiles.read("\(folder)/retailrocket-mb")
        #expect(retail.train.users.count == 2_174)
        #expect(counts(retail) == [9_551, 12_456, 75_374])
        #expect(retail.targets.count == 2_174)
        let targets = retail.targets.map(\.item)
        #expect(Set(retail.train.catalogue.items.ids + targets).count == 30_113)
        #expect(retail.hasTimes && !retail.keepsTargetViews && retail.refused.count == 0)
    }

    /// Rows by action: buy, cart, view.
    private func counts(_ files: BehaviourFiles) -> [Int] {
        var counts = [0, 0, 0]
        for row in files.train.rows { counts[Int(row.action)] += 1 }
        return counts
    }

    @Test("movielens-1m-seq has the sequences and validation users that its page states")
    func sequences() throws {
        let files = try SequenceFiles.read("\(folder)/movielens-1m-seq")
        #expect(files.train.count == 6_040)
        #expect(files.train.reduce(0) { $0 + $1.count } == 987_019)
        #expect(Set(files.train.joined()).count == 3_416)
        #expect(files.targets.count == 512)
        // A validation user's training sequence is the history less its last item.
        let areMatched = files.targets.allSatisfy {
            files.train[$0.user - 1] == $0.history.dropLast()
        }
        #expect(areMatched)
    }

    @Test("foursquare-tky-sessions has the users, sessions and check-ins that its page states")
    func sessions() throws {
        let files = try SessionFiles.read("\(folder)/foursquare-tky-sessions")
        #expect(files.train.count == 2_173 && files.test.count == 2_173)
        #expect(files.train.reduce(0) { $0 + $1.sessions.count } == 33_511)
        #expect(files.test.reduce(0) { $0 + $1.sessions.count } == 7_796)
        #expect(files.train.reduce(0) { $0 + $1.sessions.joined().count } == 257_304)
        #expect(files.test.reduce(0) { $0 + $1.sessions.joined().count } == 49_474)
        #expect(files.places.count == 7_038)
        #expect(files.refused.count == 0)
    }

    @Test("foursquare-calgary has its check-ins, and two thirds of each user's come first")
    func calgary() throws {
        let (rows, refused) = try CheckInPairs.read("\(folder)/foursquare-calgary")
        #expect(rows.count == 9_317)
        #expect(refused.count == 0)
        #expect(Set(rows.map(\.user)).count == 130)
        #expect(Set(rows.map(\.place)).count == 604)
        #expect(Set(rows.map(\.category)).count == 154)
        // 3/4/2012 12:18 at −6 h, and 36 s of the UTC clock: 2012-04-03T18:18:36Z.
        let first = try #require(rows.first { $0.fileOrder == 0 })
        #expect(first.secondsSinceEpoch == 1_333_477_116)
        #expect(first.utcOffsetMinutes == -360)
        for (user, own) in Dictionary(grouping: rows, by: \.user) {
            let train = own.filter { $0.part == .train }
            let test = own.filter { $0.part == .test }
            #expect(train.count == Int(Double(own.count) * 0.66), "user \(user)")
            let last = train.map(\.secondsSinceEpoch).max() ?? 0
            #expect(test.allSatisfy { $0.secondsSinceEpoch >= last }, "user \(user)")
        }
    }
}

@Suite("refused rows of data sets")
struct RefusedRowTests {
    @Test("rows that hold no rating are counted and named, all others are read, packed or not")
    func ratings() throws {
        let scratch = try Scratch()
        let text =
            "1\t2\t5\t881250949\n1\t3\t6\t881250949\n1\tx\t5\t881250949\n2\t2\t1\n2\t2\t4\t0\n"
        _ = try scratch.write(text, "u.data", as: .xz)
        let (ratings, refused) = try MovieLensRatings.read(scratch.folder)
        #expect(ratings.rows.map(\.value) == [4, 5])
        #expect(refused.count == 3)
        #expect(refused.first.map(\.lineNumber) == [2, 3, 4])
        #expect(refused.first[0].problem == "the rating is not in 1...5")
    }

    @Test("an unknown behaviour is refused, and a target's user is known without rows")
    func behaviours() throws {
        let scratch = try Scratch()
        let train = "user,item,behavior,timestamp\n1,7,view,10\n1,8,steal,11\n1,8,buy,12\n"
        _ = try scratch.write(train, "train.csv")
        _ = try scratch.write("user,item\n1,9\n2,7\n", "test.csv")
        let files = try BehaviourFiles.read(scratch.folder)
        #expect(files.train.rows.count == 2)
        #expect(files.train.users.ids == ["1", "2"])
        #expect(files.targets.map(\.item) == ["9", "7"])
        #expect(files.refused.first.map(\.problem) == ["'steal' is no behavior"])
    }

    @Test("a blank line among sequences is an error: it would move every user after it")
    func sequences() throws {
        let scratch = try Scratch()
        _ = try scratch.write("1 2 3\n\n4 5\n", "train_input.txt")
        _ = try scratch.write("1\n", "val_users.txt")
        _ = try scratch.write("1 2\n", "val_input.txt")
        _ = try scratch.write("3\n", "val_output.txt")
        let error = DataFileError.of { _ = try SequenceFiles.read(scratch.folder) }
        #expect(error?.code == .badValue)
        #expect(error?.problem == "has 3 lines, of which 2 hold numbers")
    }

    @Test("pairs come from train.csv and test.csv, and what is no place or time is refused")
    func pairs() throws {
        let scratch = try Scratch()
        let header = "user,poi,timestamp,lat,lon\n"
        let train = header + "a,p,2012-04-03T18:00:00Z,40.7,-74\na,q,1333476000,91,0\n"
        _ = try scratch.write(train, "train.csv", as: .xz)
        _ = try scratch.write(header + "a,p,1333476001,40.7,-74\na,p,soon,40.7,-74\n", "test.csv")
        let (rows, refused) = try CheckInPairs.read(scratch.folder)
        #expect(rows.map(\.secondsSinceEpoch) == [1_333_476_000, 1_333_476_001])
        #expect(rows.map(\.part) == [.train, .test])
        #expect(
            refused.first.map(\.problem) == [
                "lat and lon are no place", "the timestamp is no time",
            ]
        )
    }
}
