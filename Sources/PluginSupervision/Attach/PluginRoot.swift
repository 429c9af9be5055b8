internal import CLinux
internal import Glibc

/// A configured directory beneath which plugins may lie, opened once.
///
/// The configured path may lead through symbolic links, since it is the administrator's, where nobody else could point one of them
/// elsewhere; a plugin directory may be named by it or by the path it really has.
struct PluginRoot {
    let path: String
    let realPath: String
    let descriptor: OwnedDescriptor
    let identity: FileIdentity

    static func open(_ configured: String) throws(AttachRefusal) -> PluginRoot {
        let path = try absolute(configured)
        let raw = Glibc.open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else {
            if errno == EMFILE || errno == ENFILE { throw .system(errno, "opening the plugin root", configured) }
            throw AttachRefusal(
                .rootUnusable, "the plugin root \(configured) cannot be opened: \(systemMessage(errno))",
                remedy: "create it, or correct `plugin_roots` in the gateway's configuration")
        }
        let descriptor = OwnedDescriptor(raw)
        guard let status = descriptor.status() else { throw .system(errno, "reading the mode of", path) }
        return PluginRoot(
            path: path, realPath: descriptor.currentPath ?? path, descriptor: descriptor, identity: FileIdentity(status))
    }

    private static func absolute(_ configured: String) throws(AttachRefusal) -> String {
        guard configured.utf8.first == UInt8(ascii: "/"), !configured.utf8.contains(0) else {
            throw AttachRefusal(
                .rootUnusable, "the plugin root \(configured) is no absolute path",
                remedy: "write `plugin_roots` in the gateway's configuration as absolute paths")
        }
        return configured
    }

    /// What is left of `parts` below this root; nil when they lead elsewhere or to the root itself.
    func remainder(of parts: [Substring]) -> [Substring]? {
        for base in [path, realPath] {
            let own = base.split(separator: "/")
            guard parts.count > own.count, zip(own, parts).allSatisfy({ $0.utf8.elementsEqual($1.utf8) }) else { continue }
            return Array(parts[own.count...])
        }
        return nil
    }
}
