internal import CLinux
internal import ControlProtocol
internal import Foundation
internal import Glibc
internal import Transport

/// Where the host socket of a new attachment goes.
struct HostSocketPlace {
    let path: String
    let group: UInt32?

    /// In the gateway's runtime directory, or where the host can only reach a directory of its own (`PLUGIN_UNIX_SOCKET_DIR`).
    static func choose(
        _ request: AttachRequest, pluginID: String, attachmentID: String, runtimeDirectory: String
    ) throws(GatewayError) -> HostSocketPlace {
        var directory = "\(runtimeDirectory)/hosts"
        if let asked = request.hostSocketDirectory, !asked.isEmpty {
            guard asked.hasPrefix("/"), !asked.utf8.contains(0) else {
                throw GatewayError(
                    .data, "the host asked for its socket in \(DisplayText.quoted(asked)), which is not an absolute path",
                    remedy: "Set PLUGIN_UNIX_SOCKET_DIR of the host to an absolute path")
            }
            directory = asked
        } else {
            try RuntimeDirectory.make(directory, mode: 0o750)
        }
        let path = SocketPath.fitting(directory: directory, name: fileName(pluginID, attachmentID))
        return HostSocketPlace(path: path, group: try group(request.hostSocketGroup))
    }

    static func fileName(_ pluginID: String, _ attachmentID: String) -> String { "\(pluginID)-\(attachmentID).sock" }

    /// Of a socket that was inherited; owner and mode of the file stay as they are.
    static func inherited(_ socket: InheritedHostSocket) -> HostSocketPlace {
        HostSocketPlace(path: socket.path, group: nil)
    }

    /// The socket of a locator that comes back after the gateway restarted: its host goes on using that path.
    static func again(_ path: String, _ request: AttachRequest, runtimeDirectory: String) throws(GatewayError) -> HostSocketPlace
    {
        let hosts = "\(runtimeDirectory)/hosts"
        let directories = [hosts, SocketPath.fallbackDirectory] + [request.hostSocketDirectory].compactMap { $0 }
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) }
        guard let parent, directories.contains(parent), path.hasSuffix(".sock"), !path.utf8.contains(0) else {
            throw GatewayError(
                .data,
                "the locator asks for the host socket \(DisplayText.quoted(path)), which is in no directory that the gateway makes sockets in",
                remedy: "Restart the plugin in Grafana: a new locator gets a new socket")
        }
        if parent == hosts { try RuntimeDirectory.make(hosts, mode: 0o750) }
        return HostSocketPlace(path: path, group: try group(request.hostSocketGroup))
    }

    /// A group by name or number, as `PLUGIN_UNIX_SOCKET_GROUP` has it.
    private static func group(_ name: String?) throws(GatewayError) -> UInt32? {
        guard let name, !name.isEmpty else { return nil }
        if let number = UInt32(name) { return number }
        guard let entry = getgrnam(name) else {
            throw GatewayError(
                .data,
                "the host asked for its socket to belong to the group \(DisplayText.quoted(name)), which is not known here",
                remedy: "Set PLUGIN_UNIX_SOCKET_GROUP of the host to a group of this system, or its number")
        }
        return entry.pointee.gr_gid
    }
}

extension HostSocketPlace {
    /// Removes host sockets that a gateway before this one left behind: those on which nobody listens.
    ///
    /// - Parameter inherited: what this gateway listens on, which a probe would only disturb.
    /// - Returns: how many were removed.
    static func sweep(runtimeDirectory: String, except inherited: Set<String> = []) -> Int {
        let directory = "\(runtimeDirectory)/hosts"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return 0 }
        var removed = 0
        for name in names where name.hasSuffix(".sock") {
            let path = "\(directory)/\(name)"
            guard !inherited.contains(path) else { continue }
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { continue }
            let probe = pg_connect_unix(path)
            if probe >= 0 {
                close(probe)
            } else if errno == ECONNREFUSED, unlink(path) == 0 {
                removed += 1
            }
        }
        return removed
    }
}

/// Directories that the gateway makes for itself.
enum RuntimeDirectory {
    static func make(_ path: String, mode: mode_t) throws(GatewayError) {
        if mkdir(path, mode) == 0 {
            chmod(path, mode)
            return
        }
        guard errno == EEXIST else {
            throw GatewayError(
                errno == EACCES || errno == EROFS ? .noPermission : .unavailable, "cannot make the directory \(path)",
                remedy: "Let runtime_directory name a directory that the gateway's user may write to",
                cause: String(cString: strerror(errno)))
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw GatewayError(
                .noPermission, "\(path) is not a directory of the gateway's own user",
                remedy: "Remove it, or let runtime_directory name another directory")
        }
    }
}
