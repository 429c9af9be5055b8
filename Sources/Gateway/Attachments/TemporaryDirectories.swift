internal import Glibc

/// Where the private temporary directories of plugins are: short, writable, and not `/run`, which is small and often mounted noexec.
enum TemporaryDirectories {
    static var root: String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        // A plugin's socket must fit below it into the 107 bytes of a socket address.
        return "\(base.utf8.count <= 60 && base.hasPrefix("/") ? base : "/tmp")/plugin-gateway-\(geteuid())"
    }
}
