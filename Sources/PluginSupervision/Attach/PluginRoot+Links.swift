internal import Glibc

extension PluginRoot {
    /// As many as the kernel follows.
    private static let maximumLinks = 40

    /// Where the configured path leads through links: each belongs to root or the gateway's user, and so does every directory that holds
    /// a step of the way. Whoever else could change a link or replace it would choose what runs.
    ///
    /// Walks the way that the kernel takes. Once all that lies on it is nobody else's, nobody else can change it under the walk.
    func checkConfiguredPath(_ trust: PathTrust) throws(AttachRefusal) {
        guard !path.utf8.elementsEqual(realPath.utf8) else { return }
        var steps = Array(path.split(separator: "/").reversed())
        var directory = ""
        var links = 0
        while let step = steps.popLast() {
            if step == "." { continue }
            if step == ".." {
                directory = directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? ""
                continue
            }
            let holder = directory.isEmpty ? "/" : directory
            try trust.check(try Self.status(of: holder), kind: "directory", path: holder, stickyAllowed: true)
            let entry = "\(directory)/\(step)"
            let status = try Self.status(of: entry)
            guard status.st_mode & S_IFMT == S_IFLNK else {
                directory = entry
                continue
            }
            links += 1
            guard links <= Self.maximumLinks else {
                throw unusable("leads through more than \(Self.maximumLinks) symbolic links")
            }
            try check(status, link: entry, trust)
            guard let target = ProcessFile.target(of: entry) else { throw .system(errno, "reading the symbolic link", entry) }
            if target.utf8.first == UInt8(ascii: "/") { directory = "" }
            steps += target.split(separator: "/").reversed()
        }
        guard FileIdentity(try Self.status(of: directory.isEmpty ? "/" : directory)) == identity else {
            throw unusable("changed while it was looked at")
        }
    }

    private func check(_ status: stat, link: String, _ trust: PathTrust) throws(AttachRefusal) {
        guard status.st_uid == 0 || status.st_uid == trust.uid else {
            throw AttachRefusal(
                .symbolicLink,
                "the plugin root \(path) leads through the symbolic link \(link) of uid \(status.st_uid), who could point it elsewhere",
                remedy: "write \(realPath) into `plugin_roots` in the gateway's configuration, or let root own the link:"
                    + " chown -h root '\(link)'")
        }
    }

    private func unusable(_ reason: String) -> AttachRefusal {
        AttachRefusal(
            .rootUnusable, "the plugin root \(path) \(reason)",
            remedy: "write the directory that it leads to into `plugin_roots` in the gateway's configuration")
    }

    private static func status(of path: String) throws(AttachRefusal) -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .system(errno, "reading the mode of", path) }
        return status
    }
}
