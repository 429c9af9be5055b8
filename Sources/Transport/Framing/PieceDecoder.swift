internal import NIOCore

/// Hands on the one message of a reply while it arrives, in the pieces it comes in. A compressed message is one piece: what it holds is known only when
/// it is complete.
struct PieceDecoder {
    enum Step {
        /// A message of this many bytes begins.
        case begins(Int)
        case piece(ByteBuffer)
    }

    private let limit: MessageLimit
    private var whole: MessageDecoder
    private var pending = ByteBuffer()
    /// Bytes of the message that are still to come; nil between messages.
    private var left: Int?
    private var isCompressed = false
    /// Of a compressed message, whose size was announced before.
    private var decompressed: ByteBuffer?

    init(limit: MessageLimit, encoding: MessageEncoding) {
        self.limit = limit
        whole = MessageDecoder(limit: limit, encoding: encoding)
    }

    /// Whether a message has begun and is not complete.
    var isInMessage: Bool { left != nil || pending.readableBytes > 0 || whole.partialBytes > 0 }

    mutating func append(_ bytes: ByteBuffer) {
        if isCompressed {
            whole.append(bytes)
        } else if pending.readableBytes == 0 {
            pending = bytes
        } else {
            pending.discardReadBytes()
            pending.writeImmutableBuffer(bytes)
        }
    }

    /// The next step, or nil when more bytes are needed.
    mutating func next() throws(GRPCStatus) -> Step? {
        if isCompressed { return try nextOfCompressed() }
        if let left { return piece(of: left) }
        guard let flag: UInt8 = pending.getInteger(at: pending.readerIndex),
            let length: UInt32 = pending.getInteger(at: pending.readerIndex + 1)
        else { return nil }
        guard flag == 0 else {
            // Also for flags that do not exist, which the other decoder has words for.
            isCompressed = true
            whole.append(pending)
            pending = ByteBuffer()
            return try nextOfCompressed()
        }
        guard Int(length) <= limit.bytes else { throw limit.exceeded(by: Int(length), compressed: false) }
        pending.moveReaderIndex(forwardBy: MessageDecoder.prefixBytes)
        left = length == 0 ? nil : Int(length)
        return .begins(Int(length))
    }

    private mutating func piece(of left: Int) -> Step? {
        guard pending.readableBytes > 0, let piece = pending.readSlice(length: min(left, pending.readableBytes)) else {
            return nil
        }
        self.left = left == piece.readableBytes ? nil : left - piece.readableBytes
        if pending.readableBytes == 0 { pending = ByteBuffer() }
        return .piece(piece)
    }

    private mutating func nextOfCompressed() throws(GRPCStatus) -> Step? {
        if let message = decompressed {
            decompressed = nil
            return .piece(message)
        }
        guard let message = try whole.next() else { return nil }
        decompressed = message.readableBytes == 0 ? nil : message
        return .begins(message.readableBytes)
    }
}
