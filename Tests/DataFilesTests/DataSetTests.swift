import DataFiles
import Testing

@Suite("data sets", .enabled(if: SharedData.folder != nil, "needs the shared data"))
struct DataSetTests {
    private let folder = SharedData.folder ?? ""

    @Test(
        "the top-n sets have the published numbers of users, items and interactions",
        arguments: [
            ("gowalla-cf", 29_858, 40_981, 810_128, 217_242),
            ("yelp2018-cf", 31_668, 38_048, 1_237_259, 324_147),
        ]
    )
    func topN(name: String, users: Int, items: Int, train: Int, test: Int) throws {
        let lists = try InteractionLists.read("\(folder)/\(name)")
        #expect(lists.userCount == users)
        #expect(lists.itemCount == items)
        #expect(lists.train.items.count == train)
        #expect(lists.test.items.count == test)
        let overlap = (0..<users).reduce(0) { count, user in
            let seen = Set(lists.train.items(ofUser: user))
            return count + lists.test.items(ofUser: user).count { seen.contains($0) }
        }
        #expect(overlap == 0)
    }

    @Test("the next-place set has the rows, users and trajectories that its page states")
    func trajectories() throws {
        let rows = try TrajectoryFiles.read("\(folder)/foursquare-nyc")
        #expect(rows.count { $0.part == .train } == 83_458)
        #expect(rows.count { $0.part == .validation } == 10_339)
        #expect(rows.count { $0.part == .test } == 10_374)
        #expect(Set(rows.map(\.user)).count == 1_075)
        let train = rows.filter { $0.part == .train }
        #expect(Set(train.map(\.place)).count == 4_977)
        #expect(Set(rows.map(\.trajectory)).count == 14_124)
        let first = try #require(rows.first { $0.part == .test })
        #expect(first.user == "349")
        #expect(first.category == "Moving Target")
        #expect(first.utcOffsetMinutes == -300)
        #expect(first.secondsSinceEpoch == 1_356_096_571)
        #expect(first.trajectory == "349_52")
        #expect(first.latitudeDegrees == 40.8130989074707)
    }
}
