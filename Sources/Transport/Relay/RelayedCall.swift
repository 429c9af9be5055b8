internal import NIOCore

/// What is known of one call that passes by.
struct RelayedCall {
    /// Empty when it could not be read.
    let path: String
    let startedAt: NIODeadline
    /// From the host.
    var incoming = MessageCounter()
    /// To the host.
    var outgoing = MessageCounter()
    /// Whether the host has had headers of the reply.
    var replyHasBegun = false
    private var excerpt: ReplyExcerpt?

    init(path: String, startedAt: NIODeadline, excerptBytes: Int) {
        self.path = path
        self.startedAt = startedAt
        if excerptBytes > 0 { self.excerpt = ReplyExcerpt(limit: excerptBytes) }
    }

    mutating func receivedReply(_ bytes: UnsafeRawBufferPointer) {
        self.outgoing.count(bytes)
        self.excerpt?.add(bytes)
    }

    /// Whether another header block may end the reply here without cutting a message in two.
    var mayEndReply: Bool { !self.outgoing.isInMessage }

    func summary(_ code: GRPCCode, now: NIODeadline) -> CallSummary {
        CallSummary(
            path: self.path, code: code, duration: .nanoseconds((now - self.startedAt).nanoseconds),
            bytesIn: self.incoming.bytes, bytesOut: self.outgoing.bytes, messagesIn: self.incoming.messages,
            messagesOut: self.outgoing.messages, way: .relayed, firstReply: self.excerpt?.message ?? [])
    }
}

/// The beginning of the first message of a reply.
struct ReplyExcerpt {
    private let limit: Int
    private var bytes: [UInt8] = []

    init(limit: Int) {
        self.limit = limit + MessageDecoder.prefixBytes
    }

    mutating func add(_ more: UnsafeRawBufferPointer) {
        guard self.bytes.count < self.limit else { return }
        self.bytes += more.prefix(self.limit - self.bytes.count)
    }

    /// Without the prefix; as it is on the wire where it is compressed.
    var message: [UInt8] {
        guard self.bytes.count >= MessageDecoder.prefixBytes else { return [] }
        let length = self.bytes[1..<MessageDecoder.prefixBytes].reduce(0) { $0 << 8 | Int($1) }
        return Array(self.bytes.dropFirst(MessageDecoder.prefixBytes).prefix(length))
    }
}
