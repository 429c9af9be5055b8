internal import Glibc
internal import Telemetry
internal import Transport

/// A listening host socket that a gateway before this one gave to systemd to keep.
struct InheritedHostSocket: Sendable, Equatable {
    /// Of all names in the descriptor store; the attachment's id follows.
    static let namePrefix = "host-"

    static func name(attachmentID: String) -> String { namePrefix + attachmentID }

    struct Unusable: Error {
        let problem: String
    }

    let attachmentID: String
    let path: String
    let descriptor: Int32

    var directory: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
    var name: String { Self.name(attachmentID: attachmentID) }

    /// Gives the socket to systemd; what it keeps already under this name, it keeps.
    func keep() {
        DescriptorStore.keep(descriptor, name: name)
    }

    /// Checks what was handed over, without believing anything of it.
    static func examine(_ passed: PassedDescriptors.Descriptor) -> Result<InheritedHostSocket, Unusable> {
        let id = String(passed.name.dropFirst(namePrefix.count))
        guard AttachmentPlan.isID(id) else { return .failure(Unusable(problem: "its name holds no attachment's id")) }
        guard PassedDescriptors.isListener(passed.number) else {
            return .failure(Unusable(problem: "it is not a listening unix stream socket"))
        }
        guard let path = path(of: passed.number) else {
            return .failure(Unusable(problem: "it has no path in the file system"))
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return .failure(Unusable(problem: "the socket file \(DisplayText.plain(path)) is gone, so that no host can reach it"))
        }
        return .success(InheritedHostSocket(attachmentID: id, path: path, descriptor: passed.number))
    }

    /// Whether this is the socket that a plugin with this id has, where `directory` is one in which sockets of its host are made.
    func belongs(to pluginID: String, directory: String) -> Bool {
        SocketPath.fitting(directory: directory, name: HostSocketPlace.fileName(pluginID, attachmentID)) == path
    }

    private static func path(of descriptor: Int32) -> String? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let named = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard named == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let bytes = withUnsafeBytes(of: address.sun_path) { $0.prefix { $0 != 0 } }
        guard let path = String(validating: bytes, as: UTF8.self), path.hasPrefix("/") else { return nil }
        return path
    }
}
