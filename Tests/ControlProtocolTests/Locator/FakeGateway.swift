import ControlProtocol
import Foundation
import Glibc

/// The gateway's end of the control socket, with plain blocking sockets.
final class FakeGateway {
    let path: String
    private var listener: Int32 = -1

    init(path: String) throws {
        self.path = path
        try start()
    }

    deinit {
        stop()
    }

    /// Listens, also where an earlier gateway left its socket behind.
    func start() throws {
        unlink(path)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw HarnessError("listening at \(path)", errno: errno) }
    }

    /// Stops listening; the socket file stays behind, as after a crash.
    func stop() {
        if listener >= 0 { close(listener) }
        listener = -1
    }

    func accept() throws -> Peer {
        try waitReadable(listener, "a locator to connect")
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { throw HarnessError("accept", errno: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return Peer(descriptor: descriptor)
    }

    /// Accepts a locator and grants what it asks for.
    func attach(hostSocket: String = "/run/fake/host.sock") throws -> (peer: Peer, request: AttachRequest) {
        let peer = try accept()
        let request = try peer.attachRequest()
        try peer.send(.attached(Attached(hostSocket: hostSocket, attachmentID: "1", pluginID: "test")))
        return (peer, request)
    }

    /// One connected locator.
    final class Peer {
        private var descriptor: Int32
        private var decoder = FrameDecoder()

        init(descriptor: Int32) {
            self.descriptor = descriptor
        }

        deinit {
            hangUp()
        }

        func hangUp() {
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }

        func send(_ message: ControlMessage) throws {
            try send(try message.encoded())
        }

        /// Waits as long as the locator lets it wait, within the test's patience.
        func send(_ bytes: [UInt8]) throws {
            var rest = bytes[...]
            while !rest.isEmpty {
                var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&watched, 1, patience) > 0 else { throw HarnessError("the locator does not read") }
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
                if sent > 0 { rest = rest.dropFirst(sent) } else if errno != EAGAIN { throw HarnessError("send", errno: errno) }
            }
        }

        /// The next message; nil when the locator is gone.
        func receive() throws -> ControlMessage? {
            while true {
                if let frame = try decoder.next() { return try ControlMessage(frame, reader: .gateway) }
                try waitReadable(descriptor, "a message of the locator")
                var buffer = [UInt8](repeating: 0, count: 65536)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                decoder.append(buffer.prefix(count))
            }
        }

        func attachRequest() throws -> AttachRequest {
            guard case .attach(let request) = try receive() else { throw HarnessError("the locator did not ask to attach") }
            return request
        }
    }
}
