internal import NIOCore
internal import NIOHTTP2

/// The first of two GOAWAYs (RFC 9113 § 6.8): begin no more streams; those that cross this on the way are taken. It is followed by a
/// PING, whose answer shows that nothing is on its way any more.
///
/// One GOAWAY alone makes hosts send again what crossed it, and grpc-go does that once for each call only. The codec, however, refuses
/// new streams after any GOAWAY that it writes, so this one is written past it, between two of its frames.
struct GoAwayAnnouncement {
    static let ping = HTTP2PingData(withInteger: 0x67_6F_61_77_61_79)

    /// Goes to the peer.
    var text = ""
    private(set) var isWritten = false

    /// Writes the frame behind what the codec has written so far; false when it has been written before, or there is no codec.
    mutating func write(in pipeline: ChannelPipeline) -> Bool {
        guard !self.isWritten, let codec = try? pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self) else {
            return false
        }
        self.isWritten = true
        let text = BoundedText.prefix(self.text, bytes: 256)
        let length = UInt32(8 + text.utf8.count)
        var frame = codec.channel.allocator.buffer(capacity: 9 + Int(length))
        frame.writeInteger(UInt32(length << 8 | 7))
        frame.writeBytes([0, 0, 0, 0, 0])
        frame.writeInteger(UInt32(Int32.max))
        frame.writeInteger(HTTP2Code.noError.rawValue)
        frame.writeString(text)
        codec.writeAndFlush(NIOAny(frame), promise: nil)
        return true
    }
}
