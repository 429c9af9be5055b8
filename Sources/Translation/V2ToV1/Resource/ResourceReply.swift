/// An HTTP answer to a `CallResource`, sent as a stream of `pluginv2.CallResourceResponse`.
package struct ResourceReply: Sendable, Equatable {
    /// Of one message. The host passes each on as it comes, and a slow one holds no more.
    static let pieceSize = 1 << 20

    package var code: Int
    /// JSON.
    package var body: [UInt8]
    /// Further headers.
    package var headers: [(name: String, value: String)] = []

    init(code: Int, body: [UInt8], headers: [(name: String, value: String)] = []) {
        self.code = code
        self.body = body
        self.headers = headers
    }

    /// An error in the form of Grafana's own API.
    static func message(_ code: Int, _ text: String, headers: [(name: String, value: String)] = []) -> ResourceReply {
        var object = JSONObjectBuilder()
        object.add("message", string: text)
        return ResourceReply(code: code, body: object.object, headers: headers)
    }

    package static func == (left: ResourceReply, right: ResourceReply) -> Bool {
        left.code == right.code && left.body == right.body && left.headers.elementsEqual(right.headers) { $0 == $1 }
    }

    /// How many messages the answer takes; at least one.
    package var messageCount: Int { max(1, (body.count + Self.pieceSize - 1) / Self.pieceSize) }

    /// The encoded message at a place below ``messageCount``. Only the first has code and headers.
    package func message(at place: Int) -> [UInt8] {
        let start = min(place * Self.pieceSize, body.count)
        let piece = body[start..<min(start + Self.pieceSize, body.count)]
        var writer = WireWriter(reservingCapacity: piece.count + 256)
        if place == 0 {
            writer.int64(1, Int64(code))
            for header in [("Content-Type", "application/json"), ("Cache-Control", "no-store")] + headers {
                writer.message(2) { entry in
                    entry.string(1, header.0)
                    entry.message(2) { $0.delimited(1, header.1.utf8) }
                }
            }
        }
        writer.data(3, piece)
        return writer.bytes
    }
}
