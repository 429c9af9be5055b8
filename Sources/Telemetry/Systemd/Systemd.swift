internal import CSystemd
internal import Glibc

/// What the gateway tells systemd about itself. Without systemd (no NOTIFY_SOCKET) every call does nothing.
package enum Systemd {
    /// A longer status is cut.
    static let maximumStatusBytes = 512

    /// Whether a service manager waits for word from this process.
    package static var isPresent: Bool { getenv("NOTIFY_SOCKET") != nil }

    /// Start-up is over. Returns false when nobody listens.
    @discardableResult
    package static func ready(status: String) -> Bool {
        notify(["READY=1", "STATUS=" + line(status), "MAINPID=\(getpid())"])
    }

    /// The line that `systemctl status` shows.
    @discardableResult
    package static func status(_ status: String) -> Bool {
        notify(["STATUS=" + line(status)])
    }

    /// A new configuration is being read; ``ready(status:)`` follows.
    @discardableResult
    package static func reloading(status: String = "Reading the configuration") -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
        return notify(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)", "STATUS=" + line(status)])
    }

    /// A stop has begun.
    ///
    /// - Parameter limit: how long it may take, over the unit's `TimeoutStopSec=` where that is shorter.
    @discardableResult
    package static func stopping(status: String = "Finishing calls, then ending plugins", within limit: Duration? = nil) -> Bool {
        let more = limit.map { ["EXTEND_TIMEOUT_USEC=\($0.components.seconds * 1_000_000)"] } ?? []
        return notify(["STOPPING=1", "STATUS=" + line(status)] + more)
    }

    /// How long systemd waits for a word of life before it ends the service (`WatchdogSec=`); nil when it does not wait for one.
    package static var watchdogTimeout: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    /// The word of life.
    @discardableResult
    package static func alive() -> Bool {
        notify(["WATCHDOG=1"])
    }

    private static func notify(_ assignments: [String]) -> Bool {
        sd_notify(0, assignments.joined(separator: "\n")) > 0
    }

    /// One line: a line feed would begin another assignment.
    static func line(_ text: String) -> String {
        let flat = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
        if flat.utf8.count <= maximumStatusBytes { return flat }
        var end = flat.utf8.index(flat.startIndex, offsetBy: maximumStatusBytes - 3)
        while flat.utf8[end] & 0xC0 == 0x80 { end = flat.utf8.index(before: end) }
        return String(flat[..<end]) + "…"
    }
}
