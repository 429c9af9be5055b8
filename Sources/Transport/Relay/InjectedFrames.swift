internal import NIOCore

/// Frames of the gateway's own that are put between those of a plugin.
enum InjectedFrames {
    /// For a host that may still begin streams while the frame is on its way: those are served too.
    static let anyStream: UInt32 = 0x7FFF_FFFF

    static func goAway(lastStream: UInt32, _ code: HTTP2Code, text: String, into buffer: inout ByteBuffer) {
        let words = BoundedText.prefix(text, bytes: 512)
        self.head(length: 8 + words.utf8.count, type: FrameHead.goAway, flags: 0, stream: 0, into: &buffer)
        buffer.writeInteger(lastStream)
        buffer.writeInteger(code.rawValue)
        buffer.writeString(words)
    }

    static func ping(_ payload: UInt64, into buffer: inout ByteBuffer) {
        self.head(length: 8, type: FrameHead.ping, flags: 0, stream: 0, into: &buffer)
        buffer.writeInteger(payload)
    }

    /// The end of a call. Literals that enter no table, so that the plugin's own header blocks, if any follow, still mean the same.
    ///
    /// - Parameter replyHasBegun: whether the host has had headers of this call.
    static func status(_ status: GRPCStatus, stream: UInt32, replyHasBegun: Bool, into buffer: inout ByteBuffer) {
        var block = ByteBuffer()
        if !replyHasBegun {
            block.writeInteger(UInt8(0x88))  // :status 200, of the static table.
            self.literal("content-type", "application/grpc", into: &block)
        }
        self.literal("grpc-status", String(status.code.rawValue), into: &block)
        let text = BoundedText.prefix(status.message, bytes: StatusHeaders.maximumMessageBytes)
        self.literal("grpc-message", StatusMessage.encode(text), into: &block)
        // END_STREAM and END_HEADERS.
        self.head(length: block.readableBytes, type: FrameHead.headers, flags: 5, stream: stream, into: &buffer)
        buffer.writeBuffer(&block)
    }

    private static func head(length: Int, type: UInt8, flags: UInt8, stream: UInt32, into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt8(truncatingIfNeeded: length >> 16))
        buffer.writeInteger(UInt16(truncatingIfNeeded: length))
        buffer.writeInteger(type)
        buffer.writeInteger(flags)
        buffer.writeInteger(stream)
    }

    private static func literal(_ name: String, _ value: String, into block: inout ByteBuffer) {
        block.writeInteger(UInt8(0))
        self.string(name, into: &block)
        self.string(value, into: &block)
    }

    private static func string(_ text: String, into block: inout ByteBuffer) {
        var length = text.utf8.count
        if length < 127 {
            block.writeInteger(UInt8(length))
        } else {
            block.writeInteger(UInt8(127))
            length -= 127
            while length >= 128 {
                block.writeInteger(UInt8(length & 0x7F | 0x80))
                length >>= 7
            }
            block.writeInteger(UInt8(length))
        }
        block.writeString(text)
    }
}
