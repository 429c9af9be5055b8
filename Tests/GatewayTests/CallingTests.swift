import Testing

@testable import Gateway

@Suite struct CallingTests {
    @Test func `JSON stands for bytes where the protocol wants bytes of JSON`() throws {
        let method = try CallableMethod.named("pluginv2.Data/QueryData")
        let inline = try method.request(json: #"{"queries":[{"refId":"A","json":{"a":1}}]}"#)
        let encoded = try method.request(json: #"{"queries":[{"refId":"A","json":"eyJhIjoxfQ=="}]}"#)
        #expect(inline == encoded)
    }

    @Test(arguments: ["", "[]", "1", "{", #"{"queries":{}}"#, #"{"nosuch":1}"#, #"{"queries":[{"json":"not base64!"}]}"#])
    func `what is no request is an error of the data`(json: String) throws {
        let error = try #require(throws: GatewayError.self) {
            try CallableMethod.named("pluginv2.Data/QueryData").request(json: json)
        }
        #expect(error.code == .data)
    }

    @Test func `a method that is nearly right is named`() throws {
        let error = try #require(throws: GatewayError.self) { try CallableMethod.named("pluginv2.Data/QueryDta") }
        #expect(error.code == .usage)
        #expect(error.remedy.contains("pluginv2.Data/QueryData"))
    }

    @Test func `hostile text is shown as one bounded line without control characters`() {
        let shown = DisplayText.plain("a\u{1B}[31m\nb\u{202E}c" + String(repeating: "x", count: 1000))
        #expect(!shown.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202E}" })
        #expect(shown.count < 250)
    }
}
