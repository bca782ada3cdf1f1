/// Check-ins of made-up people with daily habits; the same rows every time.
struct GeneratedCheckIns {
    static let header = "user_id,item_id,item_name,category,latitude,longitude,time"

    var userCount = 30
    var rowCount = 3_000

    private static let itemCount = 90
    private static let categories = ["Café", "Office", "Park", "Gym", "Bar"]

    /// The row of a number from 0 on: users in turn, an hour apart, through January and on.
    func row(_ number: Int) -> String {
        let user = number % userCount
        let step = number / userCount
        let (day, hour) = (step / 4, [8, 12, 18, 22][step % 4])
        // A user's four places of the day, with an excursion now and then.
        let habit = (user * 7 + step % 4 * 13) % Self.itemCount
        let item = number % 11 == 0 ? (number * 31) % Self.itemCount : habit
        let latitude = 40.6 + Double(item % 10) * 0.02
        let longitude = -74.0 + Double(item / 10) * 0.02
        let minute = user % 60
        let category = Self.categories[item % Self.categories.count]
        let (month, dayOfMonth) = (day / 28 % 12 + 1, day % 28 + 1)
        let year = 2020 + day / 336
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "user\(user),item\(item),\(category) \(item),\(category),\(latitude),\(longitude),"
            + "\(year)-\(two(month))-\(two(dayOfMonth))T\(two(hour)):\(two(minute)):00Z"
    }

    var rows: [String] { (0..<rowCount).map(row) }

    var csv: String { ([Self.header] + rows).joined(separator: "\n") + "\n" }
}
