internal import Glibc
internal import PluginSupervision
internal import Synchronization
internal import Translation
internal import Transport

/// What one attachment remembers of its plugin for health answers.
final class PluginHistory: Sendable {
    private struct State {
        var lastVersion: Int?
        /// Seconds since 1970.
        var lastQuery: Int?
        var lastError: String?
    }
    private let state = Mutex(State())

    /// The protocol version of the last process that ran.
    var lastVersion: Int? {
        get { state.withLock { $0.lastVersion } }
        set { state.withLock { $0.lastVersion = newValue } }
    }

    func ended(_ summary: CallSummary) {
        guard summary.path == "/pluginv2.Data/QueryData" || summary.path == "/pluginv2.Data/QueryChunkedData" else { return }
        state.withLock {
            $0.lastQuery = time(nil)
            // The status alone: messages of plugins may quote what they were given.
            if summary.code != .ok { $0.lastError = "the last failed call ended with \(summary.code)" }
        }
    }

    func vitals(plugin: RunningPlugin?, health: PluginHealth?, reason: String?, pluginVersion: String?) -> PluginVitals {
        let state = state.withLock { $0 }
        let answer: PluginVitals.GRPCHealth =
            switch health {
            case .serving: .serving
            case .notServing: .notServing
            case .unimplemented: .unimplemented
            case .failed, nil: .unknown
            }
        return PluginVitals(
            running: plugin != nil, reason: reason, pid: plugin?.pid, uptimeSeconds: plugin.map { $0.uptime.components.seconds },
            grpcHealth: answer, version: pluginVersion, lastQueryAt: state.lastQuery.map { Self.text($0) },
            lastError: state.lastError)
    }

    /// RFC 3339, UTC.
    private static func text(_ seconds: Int) -> String {
        var (seconds, parts, buffer) = (seconds, tm(), [CChar](repeating: 0, count: 32))
        gmtime_r(&seconds, &parts)
        strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
