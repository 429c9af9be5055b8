internal import Glibc

/// Reading and removing directories by descriptor, so that a plugin cannot lead the removal elsewhere with a symbolic link.
enum DirectoryTree {
    /// Deeper trees are left in part: each level holds a descriptor.
    private static let maximumDepth = 64

    /// The names in a directory; none when it cannot be read.
    static func entries(of path: String) -> [String] {
        names(in: open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)).map { name in
            String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Removes a directory with all in it; what cannot be removed stays.
    static func remove(_ path: String) {
        removeContents(AT_FDCWD, Array(path.utf8CString), depth: 0)
        rmdir(path)
    }

    /// - Parameter name: ends with NUL. Names are bytes, which need not be text.
    private static func removeContents(_ base: CInt, _ name: [CChar], depth: Int) {
        guard depth < maximumDepth else { return }
        let descriptor = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        for entry in names(in: fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) {
            guard unlinkat(descriptor, entry, 0) != 0, errno == EISDIR || errno == EPERM else { continue }
            removeContents(descriptor, entry, depth: depth + 1)
            unlinkat(descriptor, entry, AT_REMOVEDIR)
        }
    }

    /// Closes `descriptor`, which may be -1.
    private static func names(in descriptor: CInt) -> [[CChar]] {
        guard descriptor >= 0 else { return [] }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return []
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
            }
            let isSelfOrParent = name == [0x2E, 0] || name == [0x2E, 0x2E, 0]
            if !isSelfOrParent { names.append(name) }
        }
        return names
    }
}
