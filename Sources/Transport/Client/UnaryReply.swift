package import NIOCore

/// A reply with status OK; every other status is thrown.
package struct UnaryReply: Sendable {
    package var message: ByteBuffer
    /// The metadata before the message.
    package var metadata: Metadata
    /// The metadata after the message.
    package var trailers: Metadata
}
