/// go-plugin's stream of what a plugin prints. From go-plugin 1.2.2 on a plugin blocks once it has printed 64 KiB that nobody takes
/// from this stream; earlier ones answer UNIMPLEMENTED.
package enum StdioMessages {
    package static let streamStdio = "/plugin.GRPCStdio/StreamStdio"

    /// google.protobuf.Empty, the request.
    package static let request: [UInt8] = []

    package enum Channel: UInt64, Sendable {
        case invalid = 0
        case stdout = 1
        case stderr = 2
    }

    /// A StdioData message.
    package static func encode(_ channel: Channel, _ data: some Collection<UInt8>) -> [UInt8] {
        (channel == .invalid ? [] : WireField.encode(1, varint: channel.rawValue))
            + (data.isEmpty ? [] : WireField.encode(2, bytes: data))
    }

    /// The channel and bytes of a StdioData message; a channel nobody knows is `.invalid`.
    package static func decode(_ message: some Collection<UInt8>) throws(SmallMessageError) -> (channel: Channel, data: [UInt8]) {
        var channel = Channel.invalid
        var data: [UInt8] = []
        try WireField.each(in: message) { number, field in
            switch (number, field) {
            case (1, .varint(let value)): channel = Channel(rawValue: value) ?? .invalid
            case (2, .bytes(let bytes)): data = Array(bytes)
            default: break
            }
        }
        return (channel, data)
    }
}
