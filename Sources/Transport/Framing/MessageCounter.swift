internal import NIOCore

/// Counts gRPC messages and bytes that pass by, without holding them.
struct MessageCounter {
    private(set) var messages = 0
    private(set) var bytes = 0
    private var prefix: UInt64 = 0
    private var prefixBytes = 0
    private var rest = 0

    mutating func count(_ data: ByteBuffer) {
        self.bytes += data.readableBytes
        var index = data.readerIndex
        let end = data.writerIndex
        while index < end {
            if self.rest > 0 {
                let step = Swift.min(self.rest, end - index)
                self.rest -= step
                index += step
                continue
            }
            if self.prefixBytes == 0, end - index >= MessageDecoder.prefixBytes,
                let length: UInt32 = data.getInteger(at: index + 1)
            {
                self.rest = Int(length)
                self.messages += 1
                index += MessageDecoder.prefixBytes
                continue
            }
            self.prefix = self.prefix << 8 | UInt64(data.getInteger(at: index, as: UInt8.self) ?? 0)
            self.prefixBytes += 1
            index += 1
            if self.prefixBytes == MessageDecoder.prefixBytes {
                self.rest = Int(self.prefix & 0xFFFF_FFFF)
                self.prefix = 0
                self.prefixBytes = 0
                self.messages += 1
            }
        }
    }

    /// For messages that were decoded or are written here.
    mutating func add(messageBytes: Int) {
        self.messages += 1
        self.bytes += messageBytes + MessageDecoder.prefixBytes
    }
}
