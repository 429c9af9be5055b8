internal import CLinux
internal import Glibc

/// What this process was given, and its dealings with the C library.
enum Process {
    /// Makes the process safe to hold secrets and to survive what go-plugin children survive.
    static func prepare() {
        // Its memory holds the plugin's environment.
        _ = pg_disable_dump()
        signal(SIGPIPE, SIG_IGN)
        // Ctrl-C in a terminal reaches the whole process group; the host decides when its plugins end.
        signal(SIGINT, SIG_IGN)
        // A missing standard stream must not become the control socket.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    struct Environment {
        var entries: [(String, String)] = []
        /// How many entries were not valid UTF-8.
        var repaired = 0

        subscript(name: String) -> String? {
            entries.last { $0.0.utf8.elementsEqual(name.utf8) }?.1
        }
    }

    static var environment: Environment {
        var result = Environment()
        guard var entry = pg_environment() else { return result }
        while let text = entry.pointee {
            let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
            if let separator = bytes.firstIndex(of: UInt8(ascii: "=")) {
                let name = bytes[..<separator]
                let value = bytes[(separator + 1)...]
                if String(validating: bytes, as: UTF8.self) == nil { result.repaired += 1 }
                result.entries.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            }
            entry += 1
        }
        return result
    }

    /// Without the executable's name.
    static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }

    static var workingDirectory: String { link("/proc/self/cwd") ?? "/" }

    /// Where a symbolic link leads, as text.
    static func link(_ path: String) -> String? {
        let capacity = Int(PATH_MAX)
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            count = max(readlink(path, base, capacity), 0)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Writes everything, waiting for room; false when nobody reads.
    static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    static func text(ofError number: Int32) -> String {
        "\(String(cString: strerror(number))) (error \(number))"
    }
}
