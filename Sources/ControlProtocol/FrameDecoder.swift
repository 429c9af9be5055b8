/// Cuts a stream of bytes, in whatever pieces it arrives, into frames. It never holds more than one frame over what it was given.
package struct FrameDecoder: Sendable {
    private var buffer: [UInt8] = []
    /// Where in `buffer` the first byte not yet used is.
    private var start = 0
    private var failure: ControlError?

    package init() {}

    /// Bytes received and not yet part of a frame. A peer that closes its end while this is not 0 broke off in a message.
    package var pendingBytes: Int { buffer.count - start }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        guard failure == nil else { return }
        if start > 0, start * 2 >= buffer.count {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, nil when more bytes are needed.
    ///
    /// Throws on a length out of bounds, and the same error ever after: the stream has no frame borders any more.
    package mutating func next() throws(ControlError) -> ControlFrame? {
        if let failure { throw failure }
        guard pendingBytes >= 4 else { return nil }
        let length = Int(buffer.bigEndianUInt32(at: start))
        guard length <= ControlLimits.messageBytes else { throw fail(.messageTooLong(length)) }
        guard length >= ControlFrame.headerBytes else { throw fail(.malformed("its length is \(length)")) }
        guard pendingBytes >= 4 + length else { return nil }

        let body = start + 4
        let frame = ControlFrame(
            version: buffer[body], kind: buffer[body + 1],
            payload: Array(buffer[(body + ControlFrame.headerBytes)..<(body + length)]))
        start = body + length
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 65536)
            start = 0
        }
        return frame
    }

    private mutating func fail(_ error: ControlError) -> ControlError {
        failure = error
        buffer = []
        start = 0
        return error
    }
}

extension FrameDecoder: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "FrameDecoder(\(pendingBytes) bytes withheld)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["pendingBytes": pendingBytes], displayStyle: .struct) }
}

extension [UInt8] {
    mutating func appendBigEndian(_ value: UInt32) {
        for shift: UInt32 in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    func bigEndianUInt32(at index: Int) -> UInt32 {
        self[index..<(index + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
