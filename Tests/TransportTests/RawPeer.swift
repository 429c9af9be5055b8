import Glibc

/// A unix socket on which a test writes whatever bytes it likes. Blocking, with a limit on waiting.
struct RawPeer: ~Copyable {
    private let descriptor: Int32

    /// A connection that was accepted.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Nil when nobody listens.
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    /// Exactly so many bytes, fewer only at the end of the stream or when no more came in time.
    borrowing func read(exactly count: Int) -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let bytes = self.read(count - all.count)
            if bytes.isEmpty { break }
            all += bytes
        }
        return all
    }

    /// Bytes that can be read at once.
    borrowing func waiting() -> Int {
        var count: Int32 = 0
        ioctl(self.descriptor, UInt(FIONREAD), &count)
        return Int(count)
    }

    /// Bytes that were written and not read by the other side (of a unix socket: in its queue).
    borrowing func unsent() -> Int {
        var count: Int32 = 0
        ioctl(self.descriptor, UInt(TIOCOUTQ), &count)
        return Int(count)
    }

    /// False when nothing goes in for a quarter of a second.
    borrowing func writeIfReady(_ bytes: [UInt8]) -> Bool {
        var one = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&one, 1, 250) == 1 && self.write(bytes)
    }

    /// No more bytes will be sent.
    borrowing func endOutput() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// False when the other side has closed.
    @discardableResult
    borrowing func write(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes.withUnsafeBytes { source in
                send(self.descriptor, source.baseAddress?.advanced(by: offset), source.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            offset += sent
        }
        return true
    }

    /// At most `limit` bytes; empty at the end of the stream or when nothing came in time.
    borrowing func read(_ limit: Int = 65536) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(self.descriptor, &bytes, limit, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    /// Everything until the other side closes.
    borrowing func readToEnd() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = self.read()
            if bytes.isEmpty { return all }
            all += bytes
        }
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        return [
            UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags,
            UInt8(stream >> 24 & 255), UInt8(stream >> 16 & 255), UInt8(stream >> 8 & 255), UInt8(stream & 255),
        ] + payload
    }

    /// HEADERS of a call, every field a literal without indexing.
    static func headers(stream: UInt32, endStream: Bool = false, _ fields: [(String, [UInt8])]) -> [UInt8] {
        var block: [UInt8] = []
        for (name, value) in fields {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8)
            block += value.count < 127 ? [UInt8(value.count)] : [127, UInt8(value.count - 127)]
            block += value
        }
        return self.frame(type: 1, flags: endStream ? 5 : 4, stream: stream, block)
    }

    static func call(_ path: String = "/a.B/C", _ more: [(String, [UInt8])] = []) -> [(String, [UInt8])] {
        [
            (":method", Array("POST".utf8)), (":scheme", Array("http".utf8)), (":path", Array(path.utf8)),
            (":authority", Array("x".utf8)), ("content-type", Array("application/grpc".utf8)), ("te", Array("trailers".utf8)),
        ] + more
    }
}

/// A listening unix socket whose connections a test serves byte by byte.
final class RawPlugin: Sendable {
    let path: String
    private let descriptor: Int32

    init?(path: String) {
        self.path = path
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        self.descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let descriptor = self.descriptor
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(self.descriptor, 16) == 0 else { return nil }
    }

    deinit { close(self.descriptor) }

    /// Nil when nobody connects in time.
    func accept() -> RawPeer? {
        let connection = Glibc.accept(self.descriptor, nil, nil)
        return connection < 0 ? nil : RawPeer(descriptor: connection)
    }
}

extension RawPeer {
    /// What comes back for one call with a `grpc-timeout`, by a host that does not watch the time itself.
    static func answer(path: String, timeout: String) -> SeenFrames {
        guard let peer = RawPeer(path: path) else { return SeenFrames([]) }
        let fields = self.call("/a.B/C", [("grpc-timeout", Array(timeout.utf8))])
        peer.write(self.preface + self.frame(type: 4) + self.headers(stream: 1, endStream: true, fields))
        var answer: [UInt8] = []
        while !SeenFrames(answer).ended(1) {
            let more = peer.read()
            if more.isEmpty { break }
            answer += more
        }
        return SeenFrames(answer)
    }
}

/// Frames in what a server sent.
struct SeenFrames {
    struct Frame {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]
    }

    var frames: [Frame] = []

    init(_ bytes: [UInt8]) {
        var index = 0
        while index + 9 <= bytes.count {
            let length = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            guard index + 9 + length <= bytes.count else { return }
            let stream = bytes[(index + 5)..<(index + 9)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            self.frames.append(
                Frame(
                    type: bytes[index + 3], flags: bytes[index + 4], stream: stream,
                    payload: Array(bytes[(index + 9)..<(index + 9 + length)])))
            index += 9 + length
        }
    }

    /// Whether the server has finished a stream, in order or not.
    func ended(_ stream: UInt32) -> Bool {
        self.frames.contains { $0.stream == stream && (($0.type <= 1 && $0.flags & 1 == 1) || $0.type == 3) }
    }

    var goAway: Frame? { self.frames.first { $0.type == 7 } }
    var reset: Frame? { self.frames.first { $0.type == 3 } }
}
