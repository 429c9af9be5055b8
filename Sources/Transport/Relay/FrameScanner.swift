/// The nine bytes in front of a frame of HTTP/2 (RFC 9113 § 4.1).
struct FrameHead: Equatable {
    static let bytes = 9

    var length = 0
    var type: UInt8 = 0
    var flags: UInt8 = 0
    var stream: UInt32 = 0

    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let priority: UInt8 = 2
    static let reset: UInt8 = 3
    static let settings: UInt8 = 4
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
    static let continuation: UInt8 = 9

    /// Of DATA and HEADERS.
    var endsStream: Bool { self.flags & 0x1 != 0 }
    /// Of SETTINGS and PING.
    var isAcknowledgement: Bool { self.flags & 0x1 != 0 }
    /// Of HEADERS and CONTINUATION.
    var endsBlock: Bool { self.flags & 0x4 != 0 }
    /// Of DATA and HEADERS.
    var isPadded: Bool { self.flags & 0x8 != 0 }
    /// Of HEADERS.
    var hasPriority: Bool { self.flags & 0x20 != 0 }
}

/// Follows one direction of a connection from frame to frame, whatever pieces its bytes come in. Copies nothing and holds nothing but
/// a head that was cut in two.
struct FrameScanner {
    enum Step: Equatable {
        /// Where in the bytes a part of the frame's content is, without padding and priority.
        case content(Range<Int>)
        /// The frame is complete.
        case frameEnded
    }

    /// The frame that is passing by, or the last one.
    private(set) var frame = FrameHead()
    /// Frames that have passed completely.
    private(set) var frames = 0
    /// Why the frames cannot be followed any more: what comes is not HTTP/2.
    private(set) var lostReason: String?

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private var prefaceLeft: Int
    /// A head that is not complete, and how much of it there is.
    private var head: (UInt64, UInt8) = (0, 0)
    private var headBytes = 0
    private var isInFrame = false
    /// Of the payload: everything, then what comes before the content, then the content.
    private var rest = 0
    private var lead = 0
    private var content = 0
    private var isPaddingKnown = true
    private var isInBlock = false

    /// - Parameter expectsPreface: for the direction from client to server.
    init(expectsPreface: Bool) {
        self.prefaceLeft = expectsPreface ? Self.preface.count : 0
    }

    /// Whether another frame may be put in here: between two frames, not in a header block, and not before the first SETTINGS.
    var isAtBoundary: Bool {
        !self.isInFrame && self.headBytes == 0 && !self.isInBlock && self.frames > 0 && self.lostReason == nil
    }

    /// The next step in `bytes` from `index` on, which is moved behind it; nil when all bytes are used up or the frames are lost.
    mutating func next(in bytes: UnsafeRawBufferPointer, from index: inout Int) -> Step? {
        if self.isInFrame, self.rest == 0, self.lostReason == nil { return self.end() }
        while index < bytes.count, self.lostReason == nil {
            if self.isInFrame {
                if let step = self.payload(bytes, &index) { return step }
            } else if self.prefaceLeft > 0 {
                self.readPreface(bytes, &index)
            } else if self.readHead(bytes, &index) {
                self.begin()
                if self.rest == 0, self.lostReason == nil { return self.end() }
            }
        }
        return nil
    }

    private mutating func readPreface(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) {
        while self.prefaceLeft > 0, index < bytes.count {
            guard bytes[index] == Self.preface[Self.preface.count - self.prefaceLeft] else {
                self.lostReason = "it does not begin as HTTP/2"
                return
            }
            self.prefaceLeft -= 1
            index += 1
        }
    }

    /// True when `frame` is a new head.
    private mutating func readHead(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) -> Bool {
        if self.headBytes == 0, bytes.count - index >= FrameHead.bytes {
            let first = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            self.parse(first, bytes[index + 8])
            index += FrameHead.bytes
            return true
        }
        while self.headBytes < FrameHead.bytes, index < bytes.count {
            if self.headBytes < 8 {
                self.head.0 = self.head.0 << 8 | UInt64(bytes[index])
            } else {
                self.head.1 = bytes[index]
            }
            self.headBytes += 1
            index += 1
        }
        guard self.headBytes == FrameHead.bytes else { return false }
        self.parse(self.head.0, self.head.1)
        self.headBytes = 0
        return true
    }

    private mutating func parse(_ first: UInt64, _ last: UInt8) {
        self.frame = FrameHead(
            length: Int(first >> 40), type: UInt8(truncatingIfNeeded: first >> 32), flags: UInt8(truncatingIfNeeded: first >> 24),
            stream: (UInt32(truncatingIfNeeded: first) << 8 | UInt32(last)) & 0x7FFF_FFFF)
    }

    private mutating func begin() {
        let frame = self.frame
        guard self.isInBlock == (frame.type == FrameHead.continuation) else {
            self.lostReason = "a header block is interrupted, or goes on without a beginning"
            return
        }
        guard self.frames > 0 || frame.type == FrameHead.settings else {
            self.lostReason = "the first frame is not SETTINGS"
            return
        }
        self.isInFrame = true
        self.rest = frame.length
        let mayBePadded = frame.type == FrameHead.data || frame.type == FrameHead.headers
        let hasPadding = mayBePadded && frame.isPadded
        self.lead = (hasPadding ? 1 : 0) + (frame.type == FrameHead.headers && frame.hasPriority ? 5 : 0)
        self.isPaddingKnown = !hasPadding
        self.content = frame.length - self.lead
        if self.content < 0 { self.lostReason = "a frame is shorter than its flags say" }
        if frame.type == FrameHead.headers || frame.type == FrameHead.continuation { self.isInBlock = !frame.endsBlock }
    }

    /// There is a rest of the frame.
    private mutating func payload(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) -> Step? {
        if !self.isPaddingKnown {
            self.isPaddingKnown = true
            self.content -= Int(bytes[index])
            guard self.content >= 0 else {
                self.lostReason = "a frame has more padding than bytes"
                return nil
            }
            self.lead -= 1
            self.rest -= 1
            index += 1
            return self.rest == 0 ? self.end() : nil
        }
        let there = bytes.count - index
        if self.lead > 0 {
            let step = Swift.min(self.lead, there)
            self.lead -= step
            self.rest -= step
            index += step
            return self.rest == 0 ? self.end() : nil
        }
        if self.content > 0 {
            let step = Swift.min(self.content, there)
            self.content -= step
            self.rest -= step
            defer { index += step }
            return .content(index..<(index + step))
        }
        // Padding.
        let step = Swift.min(self.rest, there)
        self.rest -= step
        index += step
        return self.rest == 0 ? self.end() : nil
    }

    private mutating func end() -> Step {
        self.isInFrame = false
        self.frames += 1
        return .frameEnded
    }
}
