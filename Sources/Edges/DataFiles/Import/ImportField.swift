/// Our fields; the raw value is the place in arrays that hold one entry a field.
package enum ImportField: Int, CaseIterable, Hashable, Sendable {
    case eventID
    case user
    case item
    case time
    case utcOffsetMinutes
    case action
    case value
    case queryText
    case name
    case category
    case latitude
    case longitude
    case accuracyMeters
    case platform
    case device
    case session
    case tags
    case itemTags

    /// The name that mapping files use.
    package var key: String {
        switch self {
        case .eventID: "event_id"
        case .user: "user"
        case .item: "item"
        case .time: "time"
        case .utcOffsetMinutes: "utc_offset_minutes"
        case .action: "action"
        case .value: "value"
        case .queryText: "query_text"
        case .name: "name"
        case .category: "category"
        case .latitude: "latitude"
        case .longitude: "longitude"
        case .accuracyMeters: "accuracy_meters"
        case .platform: "platform"
        case .device: "device"
        case .session: "session"
        case .tags: "tags"
        case .itemTags: "item_tags"
        }
    }

    package init?(key: String) {
        guard let field = Self.allCases.first(where: { $0.key == key }) else { return nil }
        self = field
    }

    /// Column names that stand for this field where no mapping says otherwise, the likeliest first;
    /// compared without case, blanks, `_`, `-` and `.`.
    package var usualNames: [String] {
        switch self {
        case .eventID: ["eventid"]
        case .user:
            ["user", "userid", "uid", "visitorid", "customerid", "customer", "memberid", "member"]
        case .item:
            [
                "item", "itemid", "iid", "poi", "poiid", "venue", "venueid", "placeid",
                "locationid", "productid", "product", "businessid", "postid", "movieid", "sku",
            ]
        case .time:
            [
                "instantms", "utctime", "timestamp", "time", "datetime", "eventtime",
                "checkintime", "createdat", "unixtime", "ts", "date",
            ]
        case .utcOffsetMinutes:
            [
                "utcoffsetminutes", "utcoffset", "timezoneoffset", "timezoneminutes", "timezone",
                "tzoffset", "tz",
            ]
        case .action: ["action", "eventtype", "event", "behavior", "behaviour", "behaviortype"]
        case .value: ["value", "rating", "quantity", "amount"]
        case .queryText: ["querytext", "query", "searchquery", "search"]
        case .name:
            ["itemname", "poiname", "venuename", "placename", "productname", "title", "name"]
        case .category:
            [
                "category", "poicatname", "categoryname", "catname", "itemcategory",
                "venuecategory", "venuecategoryname", "poicategory",
            ]
        case .latitude: ["latitude", "lat", "placelatitude"]
        case .longitude: ["longitude", "lon", "lng", "long", "placelongitude"]
        case .accuracyMeters: ["accuracymeters", "placeaccuracymeters", "accuracy"]
        case .platform: ["platform", "contextplatform"]
        case .device: ["device", "contextdevice"]
        case .session: ["session", "sessionid", "contextsession", "trajectoryid"]
        case .tags: ["tags", "contexttags"]
        case .itemTags: ["itemtags"]
        }
    }

    /// The field that a problem found by `Event.validate()` or `Item.validate()` is about.
    static func field(ofProblem name: String, inItem: Bool) -> ImportField? {
        switch name {
        case "id": inItem ? .item : .eventID
        case "tags": .itemTags
        case "instant_ms": .time
        default:
            ImportField(key: name.split(separator: ".").last.map(String.init) ?? name)
        }
    }

    /// A column name as the usual names are written.
    static func normalized(_ name: String) -> String {
        String(name.lowercased().filter { !" _-.".contains($0) })
    }
}
