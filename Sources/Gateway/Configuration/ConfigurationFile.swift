internal import Glibc

/// Reading one bounded file.
package enum ConfigurationFile {
    /// The text of `path`, or nil when it is absent and not required.
    package static func read(_ path: String, required: Bool, limit: Int) throws(GatewayError) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            let reason = errno
            if reason == ENOENT, !required { return nil }
            throw GatewayError(
                reason == EACCES ? .noPermission : .noInput, "cannot read \(path)",
                remedy: reason == EACCES ? "Make the file readable for the user of the gateway" : "Name an existing file",
                cause: String(cString: strerror(reason)))
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw GatewayError(.data, "\(path) is not a regular file", remedy: "Name a regular file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw GatewayError(
                    .data, "cannot read \(path)", remedy: "Check the file system", cause: String(cString: strerror(errno)))
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else {
                throw GatewayError(.data, "\(path) is longer than \(limit) bytes", remedy: "Shorten the file")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw GatewayError(.data, "\(path) is not UTF-8 text", remedy: "Save the file as UTF-8")
        }
        return text
    }
}
