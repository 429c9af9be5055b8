internal import GoPlugin

/// Cuts a plugin's first line from the stream of its standard output.
struct HandshakeReader {
    enum Outcome: Equatable {
        /// The line without its line feed, and what came after it.
        case line([UInt8], rest: [UInt8])
        /// So much without a line feed that no handshake can follow.
        case tooLong
    }

    private(set) var pending: [UInt8] = []

    /// Nil while the line is incomplete. What follows an outcome is not for the reader.
    mutating func feed(_ bytes: some Collection<UInt8>) -> Outcome? {
        if let end = bytes.firstIndex(of: 0x0A) {
            let head = bytes[..<end]
            guard pending.count + head.count <= HandshakeLine.maximumBytes else { return .tooLong }
            defer { pending = [] }
            return .line(pending + head, rest: Array(bytes[bytes.index(after: end)...]))
        }
        guard pending.count + bytes.count <= HandshakeLine.maximumBytes else { return .tooLong }
        pending += bytes
        return nil
    }
}
