internal import Glibc

/// Clocks.
enum Moment {
    /// Seconds of a clock that nobody sets.
    static var now: Double {
        let time = read(CLOCK_MONOTONIC)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static var microsecondsSinceEpoch: Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}

/// Pauses between attempts: 20 ms, doubling to 1 s, each varied by a quarter so that many locators do not ask at once.
struct Backoff {
    private static let shortest = 0.02
    private static let longest = 1.0

    private var pause = shortest

    mutating func next() -> Double {
        defer { pause = min(pause * 2, Self.longest) }
        return pause * Double.random(in: 0.75...1.25)
    }

    mutating func reset() {
        pause = Self.shortest
    }
}

/// How long the gateway may take to grant the first attachment. Hosts wait 60 s for a handshake by default, and a clear line should
/// come before they give up.
enum AttachTimeout {
    static let variable = "PLUGIN_GATEWAY_ATTACH_TIMEOUT"
    static let standard = 50.0

    /// The seconds in `text`, within an hour; the standard when it is not set or makes no sense.
    static func seconds(_ text: String?) -> Double {
        guard let text, let seconds = Double(text), seconds > 0, seconds <= 3600 else { return standard }
        return seconds
    }
}
