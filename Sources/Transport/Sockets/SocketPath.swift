internal import Glibc

/// Paths that fit into a `sockaddr_un`.
package enum SocketPath {
    /// `sun_path` has 108 bytes on Linux, one of them for the terminator.
    package static let maximumBytes = 107

    /// `directory/name` where that fits, else a short name made from a hash of it: in the same directory, or when the directory
    /// alone is too long, in ``fallbackDirectory``. The same input gives the same path, so it can be found again.
    package static func fitting(directory: String, name: String) -> String {
        let directory = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        let wanted = "\(directory)/\(name)"
        guard wanted.utf8.count > self.maximumBytes else { return wanted }
        let short = "\(self.hash(wanted)).sock"
        let beside = "\(directory)/\(short)"
        return beside.utf8.count <= self.maximumBytes ? beside : "\(self.fallbackDirectory)/\(short)"
    }

    /// A directory of this user for sockets whose own directory has too long a name. `HostServer.listen` makes it when it is
    /// missing, and refuses it when it belongs to someone else.
    package static var fallbackDirectory: String { "/tmp/plugin-gateway-\(getuid())" }

    /// FNV-1a, 64 bits, as 16 hexadecimal digits.
    private static func hash(_ text: String) -> String {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 {
            value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
