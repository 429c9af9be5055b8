internal import NIOCore

/// A GOAWAY frame as bytes, for where the codec must not know of it.
enum GoAwayBytes {
    static func write(lastStream: UInt32, _ code: HTTP2Code, text: String, to buffer: inout ByteBuffer) {
        let text = BoundedText.prefix(text, bytes: 512)
        let length = 8 + text.utf8.count
        buffer.writeBytes([UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), 7, 0, 0, 0, 0, 0])
        buffer.writeInteger(lastStream)
        buffer.writeInteger(code.rawValue)
        buffer.writeString(text)
    }
}
