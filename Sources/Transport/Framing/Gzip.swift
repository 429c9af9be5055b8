internal import CZlib
internal import NIOCore

/// gzip by zlib, bounded in its output.
enum Gzip {
    /// - Throws: RESOURCE_EXHAUSTED when the result would be over the limit, INTERNAL when the bytes are not gzip.
    static func inflate(_ compressed: ByteBuffer, limit: MessageLimit) throws(GRPCStatus) -> ByteBuffer {
        var stream = z_stream()
        guard pg_inflate_gzip_init(&stream) == Z_OK else {
            throw GRPCStatus(code: .internal, message: "zlib could not be started for a \(limit.subject)")
        }
        defer { inflateEnd(&stream) }

        var output = ByteBuffer()
        var input = compressed
        let result: Int32 = input.readWithUnsafeMutableReadableBytes { source in
            stream.next_in = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_in = UInt32(truncatingIfNeeded: source.count)
            var code = Z_OK
            while code == Z_OK {
                let room = Swift.min(Swift.max(output.readableBytes, 4096), 1 << 20)
                // One byte over the limit is enough to know that it is exceeded.
                let allowed = limit.bytes - output.readableBytes + 1
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                    let space = Swift.min(target.count, allowed)
                    stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.avail_out = UInt32(truncatingIfNeeded: space)
                    code = CZlib.inflate(&stream, Z_NO_FLUSH)
                    return space - Int(stream.avail_out)
                }
                if output.readableBytes > limit.bytes { break }
            }
            return (source.count - Int(stream.avail_in), code)
        }
        guard output.readableBytes <= limit.bytes else {
            throw limit.exceeded(by: output.readableBytes, compressed: true)
        }
        guard result == Z_STREAM_END, input.readableBytes == 0 else {
            throw GRPCStatus(
                code: .internal,
                message: "a \(limit.subject) is announced as gzip but cannot be decompressed; its sender must change")
        }
        return output
    }
}
