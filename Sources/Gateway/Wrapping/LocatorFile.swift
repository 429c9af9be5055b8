internal import CLinux
internal import ControlProtocol
internal import Glibc

/// Tells a locator, of this or another version, from a plugin by the mark in it.
enum LocatorFile {
    /// Nothing longer is a locator.
    private static let maximumSize = 64 << 20
    private static let chunk = 1 << 18

    /// Whether the file is a locator; nil when it cannot be read, with the reason in errno. Holds a piece of it at a time.
    static func isOne(_ path: String) -> Bool? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size < maximumSize else { return false }
        let mark = Array(LocatorMark.text.utf8)
        var bytes = [UInt8](repeating: 0, count: chunk + mark.count)
        var kept = 0
        while true {
            let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress?.advanced(by: kept), chunk) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return false }
            let filled = kept + count
            let isFound = bytes.withUnsafeBytes { pg_contains($0.baseAddress, filled, mark, mark.count) != 0 }
            if isFound { return true }
            // The mark may lie across two pieces.
            kept = min(filled, mark.count - 1)
            bytes.withUnsafeMutableBytes { raw in
                guard let base = raw.baseAddress else { return }
                memmove(base, base.advanced(by: filled - kept), kept)
            }
        }
    }
}
