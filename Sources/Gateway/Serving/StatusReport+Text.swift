internal import Foundation
internal import Telemetry

extension StatusReport {
    package var jsonText: String { String(decoding: json, as: UTF8.self) }

    /// One block for each attachment.
    package var terminalText: String {
        let late = loopLagMicroseconds.map { ", event loops at most \(DecimalText.duration($0)) late" } ?? ""
        let head = "plugin-gateway \(version), pid \(pid), up \(uptimeSeconds) s, \(plugins.count) attached\(late)"
        let waiting = (waitingSockets ?? []).flatMap {
            ["", "\(DisplayText.plain($0)) waits for its locator since the gateway was restarted"]
        }
        return ([head] + plugins.flatMap { [""] + $0.lines } + waiting).joined(separator: "\n")
    }
}

extension AttachmentStatus {
    fileprivate var lines: [String] {
        let process = pid.map { ", pid \($0)" } ?? ""
        var lines = ["\(DisplayText.plain(plugin)) (\(attachment)): \(state)\(process), \(restarts) restarts"]
        if let stateReason { lines.append("  because:     \(DisplayText.plain(stateReason, limit: 500))") }
        if let nextAttempt { lines.append("  tried again: \(nextAttempt)") }
        if !lastWords.isEmpty {
            lines += lastWords.suffix(3).map { "  last words:  \(DisplayText.plain($0, limit: 500))" }
        }
        lines.append("  path:        \(pathReason.map { DisplayText.plain($0) } ?? "not negotiated yet")")
        lines.append("  host socket: \(DisplayText.plain(hostSocket))\(hasLocator ? "" : " (its locator is away)")")
        lines.append("  executable:  \(DisplayText.plain(executable))")
        if isUnwrapped {
            lines.append(
                "               unwrapped by an upgrade; Grafana's next start goes direct (plugin-gateway wrap mends it)")
        }
        if let candidate { lines.append("  candidate:   \(candidate)") }
        if let candidateFailure { lines.append("  not replaced: \(DisplayText.plain(candidateFailure, limit: 700))") }
        if draining > 0 { lines.append("  draining:    \(draining) earlier process\(draining == 1 ? "" : "es") finishing calls") }
        let open = openCalls.map { ", \($0) in progress" } ?? ""
        let translation = translationMicroseconds.map { $0 == 0 ? "" : "; translated in \(DecimalText.duration($0))" } ?? ""
        lines.append("  calls:       \(calls), \(errors) with errors\(open)\(translation)")
        return lines
    }
}
