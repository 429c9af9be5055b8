internal import NIOCore

/// What a limit is called, for the text of the error that says it was reached.
struct MessageLimit: Sendable {
    var bytes: Int
    /// The configuration key.
    var key: String
    /// Which message it is: "request message of the host", "reply message of the plugin".
    var subject: String

    static func request(_ limits: TransportLimits) -> MessageLimit {
        MessageLimit(
            bytes: limits.maximumRequestMessage, key: TransportLimits.requestMessageKey, subject: "request message of the host")
    }

    static func reply(_ limits: TransportLimits) -> MessageLimit {
        MessageLimit(
            bytes: limits.maximumReplyMessage, key: TransportLimits.replyMessageKey, subject: "reply message of the plugin")
    }

    func exceeded(by bytes: Int, compressed: Bool) -> GRPCStatus {
        let size = compressed ? "grows over" : "is \(bytes) bytes long, over"
        return GRPCStatus(
            code: .resourceExhausted,
            message: "the \(self.subject) \(size) the gateway's limit of \(self.bytes) bytes; send less, or raise \(self.key)")
    }
}

/// Cuts a stream of bytes into gRPC messages: one byte "compressed", four bytes length, the message.
///
/// Messages that arrive in one piece are slices of what was read; nothing is copied.
struct MessageDecoder {
    static let prefixBytes = 5

    private let limit: MessageLimit
    private let encoding: MessageEncoding
    private var pending = ByteBuffer()

    init(limit: MessageLimit, encoding: MessageEncoding) {
        self.limit = limit
        self.encoding = encoding
    }

    /// Bytes of a message that has begun and is not complete.
    var partialBytes: Int { self.pending.readableBytes }

    mutating func append(_ bytes: ByteBuffer) {
        if self.pending.readableBytes == 0 {
            self.pending = bytes
        } else {
            // Messages already handed out would otherwise stay in front of the rest for as long as the stream lasts.
            self.pending.discardReadBytes()
            self.pending.writeImmutableBuffer(bytes)
        }
    }

    /// The next complete message, or nil when more bytes are needed.
    mutating func next() throws(GRPCStatus) -> ByteBuffer? {
        guard let flag: UInt8 = self.pending.getInteger(at: self.pending.readerIndex),
            let length: UInt32 = self.pending.getInteger(at: self.pending.readerIndex + 1)
        else { return nil }
        guard flag <= 1 else {
            throw GRPCStatus(
                code: .internal,
                message:
                    "the prefix of a \(self.limit.subject) begins with \(flag) where gRPC allows 0 or 1; its sender must change")
        }
        // Refused before it is stored: a claim of four gigabytes costs five bytes.
        guard Int(length) <= self.limit.bytes else {
            throw self.limit.exceeded(by: Int(length), compressed: false)
        }
        let total = Self.prefixBytes + Int(length)
        guard self.pending.readableBytes >= total else { return nil }
        self.pending.moveReaderIndex(forwardBy: Self.prefixBytes)
        guard let message = self.pending.readSlice(length: Int(length)) else { return nil }
        if self.pending.readableBytes == 0 {
            self.pending = ByteBuffer()
        }
        return flag == 0 ? message : try self.encoding.decompress(message, limit: self.limit)
    }
}

enum MessageFraming {
    /// Bytes up to which prefix and message are copied into one buffer instead of being written as two.
    private static let copiedBytes = 16 * 1024

    /// The message behind its prefix, in one buffer when it is small.
    static func frame(_ message: ByteBuffer, allocator: ByteBufferAllocator) -> (ByteBuffer, ByteBuffer?) {
        let length = message.readableBytes
        let small = length <= self.copiedBytes
        var buffer = allocator.buffer(capacity: MessageDecoder.prefixBytes + (small ? length : 0))
        buffer.writeInteger(UInt8(0))
        buffer.writeInteger(UInt32(length))
        guard small else { return (buffer, message) }
        buffer.writeImmutableBuffer(message)
        return (buffer, nil)
    }
}
