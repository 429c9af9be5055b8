internal import Glibc
internal import Synchronization

/// The private directory of one plugin process: its `TMPDIR`, and so the place of its socket.
///
/// Its name records the gateway process that made it (pid and start time), so that what a killed gateway left behind can be told
/// from what is in use. Short, since go-plugin appends `/plugin` and up to ten digits and a socket address holds 107 bytes.
struct PrivateTemporaryDirectory: Sendable {
    /// `/plugin` and ten digits.
    private static let socketNameBytes = 17
    /// `pgw-PID-START-NUMBER` in base 36, at its longest.
    private static let nameBytes = 4 + 5 + 1 + 12 + 1 + 7
    static let longestRoot = 107 - socketNameBytes - nameBytes - 1

    private static let counter = Atomic<UInt64>(0)

    let path: String

    /// Makes one below `root`, or below a short replacement when `root` is too long. Blocks on the file system.
    static func make(root: String) throws(SupervisionError) -> PrivateTemporaryDirectory {
        let root = try usableRoot(for: root)
        let pid = getpid()
        let start = ProcessFile.startTime(of: pid) ?? 0
        for _ in 0..<1000 {
            let number = counter.add(1, ordering: .relaxed).newValue
            let path = "\(root)/pgw-\(String(pid, radix: 36))-\(String(start, radix: 36))-\(String(number, radix: 36))"
            if mkdir(path, 0o700) == 0 { return PrivateTemporaryDirectory(path: path) }
            guard errno == EEXIST else { throw failure(errno, "creating", path) }
        }
        throw failure(EEXIST, "creating a directory below", root)
    }

    /// Removes the directory and all in it. Blocks on the file system.
    func remove() {
        DirectoryTree.remove(path)
    }

    /// Removes what gateways that no longer run left below `root`: only directories of our user with a name of ours whose
    /// recorded process is gone. Returns how many.
    @discardableResult
    static func sweep(root: String) -> Int {
        var removed = 0
        for root in [root, replacement(for: root)] {
            for name in DirectoryTree.entries(of: root) where isStale(name) {
                var status = stat()
                let path = "\(root)/\(name)"
                guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else { continue }
                DirectoryTree.remove(path)
                removed += 1
            }
        }
        return removed
    }

    private static func isStale(_ name: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "pgw", let pid = pid_t(parts[1], radix: 36), let start = UInt64(parts[2], radix: 36),
            UInt64(parts[3], radix: 36) != nil, pid > 0
        else { return false }
        return ProcessFile.startTime(of: pid) != start
    }

    // MARK: The root

    private static func usableRoot(for root: String) throws(SupervisionError) -> String {
        guard root.utf8.first == UInt8(ascii: "/") else {
            throw SupervisionError(
                .temporaryDirectory, "the directory for temporary files, \(root), is no absolute path", side: .gateway,
                remedy: "correct it in the gateway's configuration")
        }
        guard root.utf8.count > longestRoot else {
            try create(root)
            return root
        }
        let short = replacement(for: root)
        try create(short)
        // Anybody may have made it in /tmp before us.
        var status = stat()
        guard lstat(short, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else {
            throw SupervisionError(
                .temporaryDirectory, "\(short), which stands in for the over-long \(root), is not the gateway's own directory",
                side: .gateway,
                remedy: "remove it, or give the gateway a directory for temporary files of at most \(longestRoot) bytes")
        }
        return short
    }

    /// Short, the same each time, and one for each user and root.
    private static func replacement(for root: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(geteuid()) \(root)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "/tmp/pgw-\(String(hash, radix: 36))"
    }

    private static func create(_ path: String) throws(SupervisionError) {
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/" + part
            guard mkdir(prefix, 0o700) == 0 || errno == EEXIST else { throw failure(errno, "creating", prefix) }
        }
    }

    private static func failure(_ number: Int32, _ action: String, _ path: String) -> SupervisionError {
        SupervisionError(
            .temporaryDirectory, "\(action) \(path) for the plugin's temporary files failed", cause: systemMessage(number),
            side: .gateway, remedy: "let the gateway's user write there, or free space on it")
    }
}
