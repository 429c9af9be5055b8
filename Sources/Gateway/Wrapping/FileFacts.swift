internal import Glibc

/// Questions to the file system and atomic changes of single files, with errors for operators.
enum FileFacts {
    static var ownExecutable: String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink("/proc/self/exe", $0, text.count) } ?? -1
            }
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o111 != 0
    }

    static func realPath(_ path: String) throws(GatewayError) -> String {
        guard let resolved = realpath(path, nil) else { throw failed("find", path, .noInput) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func sameContents(_ left: String, _ right: String) throws(GatewayError) -> Bool {
        var a = stat(), b = stat()
        guard stat(left, &a) == 0 else { throw failed("find", left, .noInput) }
        guard stat(right, &b) == 0 else { throw failed("find", right, .noInput) }
        guard a.st_size == b.st_size else { return false }
        return try contents(left) == contents(right)
    }

    /// Whether the file is a locator of this or another version. Only a bounded, regular file can be one.
    static func isLocator(_ path: String) throws(GatewayError) -> Bool {
        if let isLocator = LocatorFile.isOne(path) { return isLocator }
        if errno == ENOENT { return false }
        throw failed("read", path, .noPermission)
    }

    /// Makes `target` a second name of `source`, atomically replacing what was there.
    static func link(_ source: String, replacing target: String) throws(GatewayError) {
        let temporary = temporaryName(target)
        guard Glibc.link(source, temporary) == 0 else { throw failed("link", source, .noPermission) }
        try rename(temporary, to: target)
    }

    /// Copies `source` and renames the finished copy to `target`.
    static func copy(_ source: String, replacing target: String, mode: mode_t) throws(GatewayError) {
        var owner = stat()
        let hadTarget = stat(target, &owner) == 0
        let bytes = try contents(source)
        let temporary = temporaryName(target)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw failed("create", temporary, .noPermission) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress?.advanced(by: written), $0.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return try giveUp(file, temporary) }
            written += count
        }
        // The new file belongs to whom the old one belonged to, so that the attach authority accepts it all the same.
        if hadTarget, owner.st_uid != geteuid() || owner.st_gid != getegid() { _ = fchown(file, owner.st_uid, owner.st_gid) }
        guard fchmod(file, mode) == 0, fsync(file) == 0, close(file) == 0 else { return try giveUp(-1, temporary) }
        try rename(temporary, to: target)
    }

    static func rename(_ source: String, to target: String) throws(GatewayError) {
        guard Glibc.rename(source, target) == 0 else {
            let error = failed("rename", source, .noPermission)
            if source.contains(".plugin-gateway-") { unlink(source) }
            throw error
        }
    }

    private static func giveUp(_ file: Int32, _ temporary: String) throws(GatewayError) {
        let error = failed("write", temporary, .unavailable)
        if file >= 0 { close(file) }
        unlink(temporary)
        throw error
    }

    private static func contents(_ path: String) throws(GatewayError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failed("read", path, .noPermission) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed("read", path, .unavailable) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    private static func temporaryName(_ target: String) -> String {
        "\(target).plugin-gateway-\(getpid())"
    }

    private static func failed(_ verb: String, _ path: String, _ code: GatewayError.Code) -> GatewayError {
        let reason = errno
        let remedy =
            switch reason {
            case EACCES, EPERM, EROFS: "Run this as the owner of the directory, or as root"
            case ENOENT, ENOTDIR: "Check the path"
            case ENOSPC, EDQUOT: "Free some space on the file system"
            default: "Check the file system"
            }
        return GatewayError(code, "cannot \(verb) \(path)", remedy: remedy, cause: String(cString: strerror(reason)))
    }
}
