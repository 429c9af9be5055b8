internal import CLinux
internal import ControlProtocol
internal import Glibc

/// A connection to the control socket that never blocks. Its descriptor is closed with it.
final class ControlConnection {
    let descriptor: Int32
    /// The other end is gone, or nothing more can be read from it.
    private(set) var isClosed = false
    private var decoder = FrameDecoder()
    private var unsent: ArraySlice<UInt8> = []

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    enum Opening {
        case open(ControlConnection)
        /// With the error number.
        case failed(Int32)
    }

    static func open(_ path: String) -> Opening {
        let descriptor = pg_connect_unix(path)
        return descriptor >= 0 ? .open(ControlConnection(descriptor: descriptor)) : .failed(errno)
    }

    /// What to poll for.
    var interest: Int16 {
        Int16(POLLIN) | (unsent.isEmpty ? 0 : Int16(POLLOUT))
    }

    /// Sends what the socket takes now and keeps the rest for `flush`.
    func send(_ bytes: [UInt8]) {
        unsent += bytes
        flush()
    }

    func flush() {
        while !unsent.isEmpty {
            let sent = unsent.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent > 0 {
                unsent = unsent.dropFirst(sent)
            } else if errno == EINTR {
                continue
            } else {
                // Not yet, or never: a gateway that hung up may have left its reason to be read.
                if errno != EAGAIN { unsent = [] }
                return
            }
        }
    }

    /// The next whole message; reads at most once, and what has come only in part stays for the next time. nil when there is none:
    /// then `isClosed` tells whether there ever will be.
    func nextMessage() throws(ControlError) -> ControlMessage? {
        if let frame = try decoder.next() { return try ControlMessage(frame, reader: .client) }
        guard !isClosed else { return nil }
        let bytes = receive()
        decoder.append(bytes)
        guard let frame = try decoder.next() else { return nil }
        return try ControlMessage(frame, reader: .client)
    }

    private func receive() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            count = max(received, 0)
            if received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR) { isClosed = true }
        }
    }
}
