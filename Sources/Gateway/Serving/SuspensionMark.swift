internal import Glibc

/// A note from one gateway to the next: when it stopped accepting. Connections may wait at the host sockets since then.
enum SuspensionMark {
    private static let name = "suspended"
    /// An older note is of another stop.
    private static let longestAge = Duration.seconds(60)

    static func write(in directory: String) {
        let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        let text = Array("\(milliseconds())\n".utf8)
        _ = Glibc.write(file, text, text.count)
    }

    /// How long ago that was, and forgets it; zero when there is no note, or none that makes sense.
    static func take(from directory: String) -> Duration {
        let path = "\(directory)/\(name)"
        defer { unlink(path) }
        guard let text = try? ConfigurationFile.read(path, required: false, limit: 64),
            let then = Int64(text.prefix { $0.isASCII && $0.isNumber })
        else { return .zero }
        let (age, overflow) = milliseconds().subtractingReportingOverflow(then)
        guard !overflow, age >= 0, .milliseconds(age) <= longestAge else { return .zero }
        return .milliseconds(age)
    }

    /// Since the machine started: of a clock that nobody sets and every process shares.
    private static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
