internal import Glibc

/// A listening unix socket and the file that belongs to it.
struct UnixListener: Sendable {
    let path: String
    let descriptor: Int32
    private let identity: Identity

    /// Which file it is. The time of the last change is part of it, because a file that replaced ours may get its number.
    private struct Identity: Equatable {
        var device: dev_t
        var inode: ino_t
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            self.device = status.st_dev
            self.inode = status.st_ino
            self.seconds = status.st_ctim.tv_sec
            self.nanoseconds = status.st_ctim.tv_nsec
        }
    }

    /// Opens a socket nobody can connect to before its permissions are right: it listens only after they are set.
    static func open(path: String, mode: UInt32, group: UInt32?) throws(SocketError) -> UnixListener {
        var address = try self.address(path)
        try self.prepareFallbackDirectory(path)
        try self.removeStale(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw self.system("open a socket for", path) }
        do throws(SocketError) {
            // The file takes its permissions from the socket, less the umask; exact ones follow.
            guard fchmod(descriptor, 0o600) == 0 else { throw self.system("set the permissions of", path) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            guard bound == 0 else { throw self.system("create", path) }
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        do throws(SocketError) {
            if let group, chown(path, uid_t.max, group) != 0 { throw self.system("give group \(group) to", path) }
            guard chmod(path, mode) == 0 else { throw self.system("set the permissions of", path) }
            guard let identity = Identity(path) else { throw self.system("read the state of", path) }
            guard Glibc.listen(descriptor, 512) == 0 else { throw self.system("listen on", path) }
            return UnixListener(path: path, descriptor: descriptor, identity: identity)
        } catch {
            unlink(path)
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    /// Takes a socket over that listens already: inherited from a gateway before this one, through the service manager.
    ///
    /// Its file keeps the owner and permissions that it has. The descriptor stays the caller's when this throws.
    static func adopt(descriptor: Int32, path: String) throws(SocketError) -> UnixListener {
        var address = try self.address(path)
        let expected = address
        guard self.option(descriptor, SO_DOMAIN) == AF_UNIX, self.option(descriptor, SO_TYPE) == Int32(SOCK_STREAM.rawValue),
            self.option(descriptor, SO_ACCEPTCONN) == 1
        else {
            throw self.unsuitable(descriptor, path, "is not a listening unix stream socket")
        }
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let named = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard named == 0 else { throw self.system("read the address of the inherited socket for", path) }
        guard self.text(address) == self.text(expected) else {
            throw self.unsuitable(descriptor, path, "listens on \(BoundedText.prefix(self.text(address), bytes: 107))")
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, let identity = Identity(path) else {
            throw self.unsuitable(descriptor, path, "has lost its file, so that no host can reach it")
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw self.system("set the flags of the inherited socket for", path)
        }
        return UnixListener(path: path, descriptor: descriptor, identity: identity)
    }

    /// Removes the socket file if it is still ours; another process may have replaced it.
    func removeFile() {
        if Identity(self.path) == self.identity { unlink(self.path) }
    }

    // MARK: Steps

    private static func unsuitable(_ descriptor: Int32, _ path: String, _ problem: String) -> SocketError {
        SocketError(
            code: .notASocket, message: "the inherited descriptor \(descriptor), which should serve \(path), \(problem)",
            remedy: "close it and open a new socket: what the service manager keeps does not fit this gateway", errno: nil)
    }

    private static func option(_ descriptor: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    private static func text(_ address: sockaddr_un) -> String {
        withUnsafeBytes(of: address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func address(_ path: String) throws(SocketError) -> sockaddr_un {
        let bytes = Array(path.utf8)
        guard bytes.count <= SocketPath.maximumBytes, !bytes.isEmpty, !bytes.contains(0) else {
            throw SocketError(
                code: .pathTooLong, message: "the socket path \(path) has \(bytes.count) bytes",
                remedy: "use a runtime directory whose socket paths have at most \(SocketPath.maximumBytes) bytes", errno: nil)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    /// A file is removed only when it is a socket and nobody answers on it.
    private static func removeStale(_ path: String) throws(SocketError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SocketError(
                code: .notASocket, message: "\(path) exists and is not a socket",
                remedy: "move it away, or choose another runtime directory", errno: nil)
        }
        switch try self.probe(path) {
        case ECONNREFUSED:
            guard unlink(path) == 0 || Glibc.errno == ENOENT else { throw self.system("remove the stale socket", path) }
        case ENOENT:
            return
        case EACCES, EPERM:
            throw self.system("probe", path, EACCES)
        default:
            throw SocketError(
                code: .inUse, message: "another process answers on \(path)",
                remedy: "stop the other gateway, or give this one another runtime directory", errno: EADDRINUSE)
        }
    }

    /// The error of connecting, 0 for none.
    private static func probe(_ path: String) throws(SocketError) -> Int32 {
        var address = try self.address(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw self.system("open a socket for", path) }
        defer { _ = Glibc.close(descriptor) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? 0 : Glibc.errno
    }

    private static func prepareFallbackDirectory(_ path: String) throws(SocketError) {
        let directory = SocketPath.fallbackDirectory
        guard path.hasPrefix(directory + "/") else { return }
        // Others may pass through to a socket they were given, and do nothing else.
        if mkdir(directory, 0o711) != 0, Glibc.errno != EEXIST { throw self.system("create", directory) }
        var status = stat()
        guard lstat(directory, &status) == 0 else { throw self.system("read the state of", directory) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            throw SocketError(
                code: .notPermitted, message: "\(directory) is not a directory that only this user may write to",
                remedy: "remove it, or choose a shorter runtime directory", errno: nil)
        }
    }

    private static func system(_ action: String, _ path: String, _ number: Int32 = Glibc.errno) -> SocketError {
        let denied = number == EACCES || number == EPERM
        return SocketError(
            code: denied ? .notPermitted : .system,
            message: "cannot \(action) \(path): \(SystemErrorText.describe(number))",
            remedy: denied ? "give the gateway's user the right to do so" : "check the runtime directory",
            errno: number)
    }
}
