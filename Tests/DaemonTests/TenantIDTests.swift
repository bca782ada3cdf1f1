import Daemon
import Testing

@Suite("tenant names")
struct TenantIDTests {
    @Test("accepts lower-case letters, digits and dashes", arguments: ["default", "a", "shop-7"])
    func accepts(name: String) {
        #expect(TenantID(name)?.name == name)
    }

    @Test(
        "refuses what could leave the data folder or differ by case",
        arguments: ["", "Shop", "a_b", "..", "a/b", "ä", "a b", String(repeating: "a", count: 41)]
    )
    func refuses(name: String) {
        #expect(TenantID(name) == nil)
    }

    @Test("forty bytes are the longest")
    func longest() {
        #expect(TenantID(String(repeating: "z", count: 40)) != nil)
    }
}
