internal import Glibc

/// Names a file without opening it for reading; Glibc's module hides the constant. The same on every architecture but alpha,
/// parisc and sparc.
let O_PATH: CInt = 0o10000000

/// A file descriptor that is closed when its last owner lets go of it.
final class OwnedDescriptor: Sendable {
    let raw: CInt

    init(_ raw: CInt) {
        self.raw = raw
    }

    deinit {
        close(raw)
    }

    /// Where the descriptor's file lies by now, for messages.
    var currentPath: String? {
        ProcessFile.target(of: "/proc/self/fd/\(raw)")
    }

    func status() -> stat? {
        var status = stat()
        return fstat(raw, &status) == 0 ? status : nil
    }
}

/// Reading of the small files and links of `/proc`.
enum ProcessFile {
    static func target(of link: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let length = readlink(link, base, buffer.count)
            guard length > 0 else { return nil }
            return String(decoding: buffer[..<length].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// The start of a file, at most `limit` bytes; nil when it cannot be read.
    static func contents(of path: String, limit: Int = 4096) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: limit)
        while bytes.count < limit {
            let count = read(descriptor, &chunk, limit - bytes.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// When a process started, in clock ticks since the machine did: with its number, its identity. Nil when there is none.
    static func startTime(of pid: pid_t) -> UInt64? {
        guard let bytes = contents(of: "/proc/\(pid)/stat"), let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        // Field 22; the name in field 2 may contain anything, so counting starts behind it, at field 3.
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19 else { return nil }
        return UInt64(String(decoding: fields[19], as: UTF8.self))
    }
}

/// The operating system's words for an error number.
func systemMessage(_ number: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let base = buffer.baseAddress, strerror_r(number, base, buffer.count) == 0 else { return "error \(number)" }
        return String(cString: base)
    }
}
