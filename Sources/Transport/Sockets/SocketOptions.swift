internal import NIOCore

/// Options that every connection shares.
enum SocketOptions {
    /// Grows to 256 KiB while a large message comes in, which cuts system calls, and stays small for small calls.
    static var receiveAllocator: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 8 * 1024, initial: 16 * 1024, maximum: 256 * 1024)
    }

    /// Bytes in a socket's queue above which the codec holds data back, and below which it goes on.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 128 * 1024, high: 512 * 1024)
}
