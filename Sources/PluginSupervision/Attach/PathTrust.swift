internal import CLinux
internal import Glibc

/// The rule that nobody but root and the gateway's user can change what is executed: neither the file nor the way to it.
struct PathTrust {
    /// The gateway's user.
    let uid: uid_t

    /// - Parameter stickyAllowed: accepts a directory that others may write to when it is root's and sticky, such as `/tmp`.
    ///   There nobody can rename or remove an entry that is not theirs, and the entry on our way is checked as well. Only above a
    ///   root: from the root on nobody else may even add entries.
    func check(_ status: stat, kind: String, path: String, stickyAllowed: Bool = false) throws(AttachRefusal) {
        guard status.st_uid == 0 || status.st_uid == uid else {
            throw AttachRefusal(
                .untrustedOwner,
                "the \(kind) \(path) belongs to uid \(status.st_uid) (mode \(octal(status.st_mode))), which could change what runs",
                remedy: "give it to root or to the gateway's user: chown \(uid == 0 ? "root" : "\(uid)") '\(path)'")
        }
        let others = status.st_mode & 0o022
        guard others != 0 else { return }
        if stickyAllowed && status.st_mode & mode_t(S_ISVTX) != 0 && status.st_uid == 0 { return }
        // An access control list shows in the group bits, so it needs no rule of its own.
        throw AttachRefusal(
            .writableByOthers,
            "the \(kind) \(path) (uid \(status.st_uid), mode \(octal(status.st_mode))) can be written by"
                + (others & 0o002 != 0 ? " everybody" : " its group"),
            remedy: "take that away: chmod go-w '\(path)'")
    }

    /// Checks `directory` and every directory above it. Climbs by descriptor, so that no name is resolved twice.
    ///
    /// - Parameter root: device and inode of the configured root; sticky directories are accepted above it only.
    func checkUpwards(from directory: OwnedDescriptor, root: FileIdentity) throws(AttachRefusal) {
        var current = directory
        var aboveRoot = false
        // Deeper than any path the kernel resolves.
        for _ in 0..<4096 {
            guard let status = current.status() else {
                throw .system(errno, "reading the mode of", current.currentPath ?? "a directory")
            }
            try check(status, kind: "directory", path: current.currentPath ?? "?", stickyAllowed: aboveRoot)
            if FileIdentity(status) == root { aboveRoot = true }

            let descriptor = openat(current.raw, "..", O_PATH | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw .system(errno, "opening the directory above", current.currentPath ?? "a directory")
            }
            let parent = OwnedDescriptor(descriptor)
            guard let above = parent.status() else {
                throw .system(errno, "reading the mode above", current.currentPath ?? "a directory")
            }
            if FileIdentity(above) == FileIdentity(status) { return }
            current = parent
        }
        throw AttachRefusal(.directoryMalformed, "the directory lies too deep", remedy: "move the plugin directory further up")
    }

    private func octal(_ mode: mode_t) -> String {
        let digits = String(mode & 0o7777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// A file or directory as the kernel knows it.
struct FileIdentity: Equatable {
    var device: UInt64
    var inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

extension AttachRefusal {
    /// A refusal by the operating system that no rule of ours foresees.
    static func system(_ number: Int32, _ action: String, _ path: String) -> AttachRefusal {
        guard number != EMFILE, number != ENFILE else {
            return AttachRefusal(
                .outOfDescriptors, "\(action) \(path) failed: \(systemMessage(number))",
                remedy: "raise LimitNOFILE= of the gateway's service")
        }
        return AttachRefusal(
            .unreadable, "\(action) \(path) failed: \(systemMessage(number))",
            remedy: number == EACCES || number == EPERM
                ? "let the gateway's user read it and enter every directory above it"
                : "make it readable for the gateway's user")
    }
}
