internal import CLinux
internal import Glibc

/// The plugin's real executable: checked, opened once, and executed through that descriptor, so that what was checked is what
/// runs.
///
/// The rules (attach authority): the directory lies beneath one of the configured roots, reached without symbolic links; the file
/// is regular, executable and does not change identity; it, its directory and every directory above belong to root or to the
/// gateway's user and nobody else can write to them.
package struct PluginExecutable: Sendable {
    /// Appended by `wrap` to the name of the plugin's executable when the locator takes its place.
    package static let wrappedSuffix = ".wrapped"

    /// The file that was checked, as the kernel knows it: tells an upgrade in place from the same file.
    package struct Identity: Sendable, Hashable {
        package var device: UInt64
        package var inode: UInt64
        package var modificationNanoseconds: Int64
        package var size: Int64
    }

    /// For messages, the program's name and status; never opened again.
    package let path: String
    /// The directory that holds the executable.
    package let directory: String
    package let identity: Identity
    let descriptor: OwnedDescriptor
    let directoryDescriptor: OwnedDescriptor
    /// A script's interpreter opens the file itself, through the descriptor that must stay open for it.
    let isScript: Bool

    /// Checks and opens the executable `name` in `directory`. Blocks on the file system: not for an event loop.
    ///
    /// - Parameters:
    ///   - directory: absolute, without `.` and `..`.
    ///   - name: a plain name, or a relative path of plain names.
    ///   - roots: the configured plugin roots, absolute.
    ///   - uid: the user who may own the files beside root; nil is the user the gateway runs as.
    /// - Throws: `AttachRefusal`, one code for each rule.
    package static func open(
        directory: String, name: String, roots: [String], owner uid: UInt32? = nil
    ) throws(AttachRefusal) -> PluginExecutable {
        let parts = try directoryParts(directory)
        let nameParts = try self.nameParts(name)
        let (root, below) = try rootHolding(parts, directory: directory, among: roots)

        // The executable may lie in a subdirectory; then that is the directory to climb from.
        let directoryPath = (below + nameParts.dropLast()).joined(separator: "/")
        let shown = "/" + (parts + nameParts.dropLast()).joined(separator: "/")
        let holder = try openBeneath(root.descriptor, directoryPath, O_PATH | O_DIRECTORY, shown: shown, isDirectory: true)
        let path = "\(shown)/\(nameParts.last ?? "")"
        let file = try openBeneath(holder, String(nameParts.last ?? ""), O_PATH, shown: path, isDirectory: false)
        guard let status = file.status() else { throw .system(errno, "reading the mode of", path) }

        let trust = PathTrust(uid: uid ?? geteuid())
        try checkKind(status, path: path)
        try trust.check(status, kind: "executable", path: path)
        try trust.checkUpwards(from: holder, root: root.identity)
        try root.checkConfiguredPath(trust)

        return PluginExecutable(
            path: path, directory: shown, identity: Identity(status), descriptor: file, directoryDescriptor: holder,
            isScript: startsLikeScript(file))
    }

    private static func openBeneath(
        _ base: OwnedDescriptor, _ path: String, _ flags: CInt, shown: String, isDirectory: Bool
    ) throws(AttachRefusal) -> OwnedDescriptor {
        let raw = pg_openat2_beneath(base.raw, path, flags)
        guard raw < 0 else { return OwnedDescriptor(raw) }
        let kind = isDirectory ? "directory" : "executable"
        switch errno {
        case ENOENT where isDirectory:
            throw AttachRefusal(
                .directoryMissing, "there is no directory \(shown)",
                remedy: "install the plugin there, or let the locator lie in the plugin's own directory")
        case ENOENT:
            throw AttachRefusal(
                .executableMissing, "there is no executable \(shown)",
                remedy: "wrap the plugin (plugin-gateway wrap), or name its executable in the gateway's configuration")
        case ELOOP:
            throw AttachRefusal(
                .symbolicLink, "a symbolic link lies on the way to the \(kind) \(shown)",
                remedy: "put the real \(kind) beneath the plugin root, or configure the place it points to as a plugin root")
        case ENOTDIR:
            throw AttachRefusal(
                .notADirectory, "\(shown) is no directory", remedy: "let the locator lie in the plugin's own directory")
        case EXDEV:
            throw AttachRefusal(
                .outsideRoots, "the \(kind) \(shown) leads out of the plugin root",
                remedy: "keep the plugin beneath one of `plugin_roots` in the gateway's configuration")
        case ENOSYS:
            throw AttachRefusal(
                .kernelTooOld, "the kernel cannot resolve \(shown) beneath its root (openat2 is missing)",
                remedy: "run the gateway on Linux 5.6 or later, and let its service's system call filter allow openat2")
        case let number:
            throw .system(number, "opening the \(kind)", shown)
        }
    }

    private static func checkKind(_ status: stat, path: String) throws(AttachRefusal) {
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw AttachRefusal(
                .notARegularFile, "\(path) is no regular file", remedy: "put the plugin's executable there")
        }
        // The kernel forgets the parent-death signal when a process changes identity, and no plugin needs more than the gateway
        // has.
        guard status.st_mode & (S_ISUID | S_ISGID) == 0 else {
            throw AttachRefusal(
                .changesIdentity,
                "the executable \(path) (uid \(status.st_uid), mode \(String(status.st_mode & 0o7777, radix: 8))) changes its user or group"
                    + " when it runs",
                remedy: "take that away: chmod ug-s '\(path)'")
        }
        guard status.st_mode & 0o111 != 0 else {
            throw AttachRefusal(
                .notExecutable,
                "the file \(path) (uid \(status.st_uid), mode \(String(status.st_mode & 0o7777, radix: 8))) is not executable",
                remedy: "make it so: chmod u+x '\(path)'")
        }
    }

    private static func startsLikeScript(_ file: OwnedDescriptor) -> Bool {
        ProcessFile.contents(of: "/proc/self/fd/\(file.raw)", limit: 2) == Array("#!".utf8)
    }
}

extension PluginExecutable.Identity {
    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        modificationNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        size = Int64(status.st_size)
    }
}
