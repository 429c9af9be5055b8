internal import Glibc

/// Whose place this executable has taken: the plugin's directory and the name of its executable.
struct Identity {
    let directory: String
    let name: String

    static var ofThisProcess: Identity {
        Identity(path: executable)
    }

    private init(path: String) {
        let bytes = Array(path.utf8)
        let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
        name = String(decoding: bytes[(slash.map { $0 + 1 } ?? 0)...], as: UTF8.self)
        switch slash {
        case .none: directory = "."
        case .some(0): directory = "/"
        case .some(let end): directory = String(decoding: bytes[..<end], as: UTF8.self)
        }
    }

    private static var executable: String {
        guard let path = Process.link("/proc/self/exe") else {
            // No /proc: the name the host used is all there is.
            let name = CommandLine.arguments.first ?? "plugin-locator"
            return name.utf8.first == UInt8(ascii: "/") ? name : "\(Process.workingDirectory)/\(name)"
        }
        // What the kernel adds once the file was replaced; a file may be named so, too.
        let mark = " (deleted)"
        guard path.utf8.count > mark.utf8.count, path.utf8.suffix(mark.utf8.count).elementsEqual(mark.utf8),
            access(path, F_OK) != 0
        else { return path }
        return String(decoding: path.utf8.dropLast(mark.utf8.count), as: UTF8.self)
    }
}
