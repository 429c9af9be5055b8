/// A `pluginv2.CallResourceRequest`, as far as the gateway's own paths need it.
struct ResourceRequest {
    static let message = "pluginv2.CallResourceRequest"

    /// The encoded `pluginv2.PluginContext`s, as they came; repeated ones merge wherever they are sent on. Secret: never shown.
    var contexts: [[UInt8]] = []
    /// Without the slash in front.
    var path = ""
    var method = ""
    var headers = 0
    var body: [UInt8] = []

    init(decoding bytes: [UInt8], _ ledger: inout LossLedger) throws(TranslationError) {
        var (request, found) = (ResourceRequest(), ledger)
        do throws(WireError) {
            try bytes.readWire { reader throws(WireError) in
                while !reader.isAtEnd {
                    let tag = try reader.tag()
                    switch (tag.number, tag.type) {
                    case (1, .bytes): request.contexts.append(try reader.data())
                    case (2, .bytes): request.path = try reader.text("pluginv2.CallResourceRequest.path", &found).string
                    case (3, .bytes): request.method = try reader.text("pluginv2.CallResourceRequest.method", &found).string
                    // The path with the query string, of which nothing is used.
                    case (4, .bytes): _ = try reader.delimited()
                    case (5, .bytes):
                        var entry = try reader.message()
                        try UnknownFields.enterEntry(
                            &entry, of: "pluginv2.CallResourceRequest.headers", value: "pluginv2.StringList", &found)
                        request.headers += 1
                    case (6, .bytes): request.body = try reader.data()
                    default: try reader.skipUnknown(tag, in: Self.message, &found)
                    }
                }
            }
        } catch {
            throw .malformedRequest(Self.message, error, size: bytes.count)
        }
        if request.path.utf8.first == UInt8(ascii: "/") { request.path.removeFirst() }
        (self, ledger) = (request, found)
    }

    private init() {}
}

extension ResourceRequest: CustomStringConvertible, CustomReflectable {
    var description: String { "\(method) of a resource" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
