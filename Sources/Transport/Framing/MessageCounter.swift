internal import NIOCore

/// Counts gRPC messages and bytes that pass by, without holding them.
struct MessageCounter {
    private(set) var messages = 0
    private(set) var bytes = 0
    private var prefix: UInt64 = 0
    private var prefixBytes = 0
    private var rest = 0

    /// Whether the last message is not complete.
    var isInMessage: Bool { self.rest > 0 || self.prefixBytes > 0 }

    mutating func count(_ data: ByteBuffer) {
        data.withUnsafeReadableBytes { self.count($0) }
    }

    mutating func count(_ data: UnsafeRawBufferPointer) {
        self.bytes += data.count
        var index = 0
        let end = data.count
        while index < end {
            if self.rest > 0 {
                let step = Swift.min(self.rest, end - index)
                self.rest -= step
                index += step
                continue
            }
            if self.prefixBytes == 0, end - index >= MessageDecoder.prefixBytes {
                self.rest = Int(UInt32(bigEndian: data.loadUnaligned(fromByteOffset: index + 1, as: UInt32.self)))
                self.messages += 1
                index += MessageDecoder.prefixBytes
                continue
            }
            self.prefix = self.prefix << 8 | UInt64(data[index])
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
