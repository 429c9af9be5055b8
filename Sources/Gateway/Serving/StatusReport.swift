internal import Foundation
internal import Glibc
internal import PluginSupervision
internal import Routing
internal import Telemetry

/// What `plugin-gateway status` shows: the gateway, and each attachment.
package struct StatusReport: Codable, Sendable {
    package var version: String
    package var pid: Int32
    package var uptimeSeconds: Int64
    package var controlSocket: String
    package var plugins: [AttachmentStatus]
    /// By how much an event loop was late at the most, since the last snapshot in the journal.
    package var loopLagMicroseconds: UInt64?
    /// Host sockets of the gateway before this one whose locators have not come back yet.
    package var waitingSockets: [String]?

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { [UInt8]($0) } ?? Array("{}".utf8)
    }

    package static func parse(_ bytes: [UInt8]) throws(GatewayError) -> StatusReport {
        do {
            return try JSONDecoder().decode(StatusReport.self, from: Data(bytes))
        } catch {
            throw GatewayError(
                .data, "the gateway's status cannot be read",
                remedy: "Use the plugin-gateway command of the release that is running")
        }
    }
}

/// One attachment. Holds no environment, no arguments, and of the plugin's output only its redacted last words, when it failed.
package struct AttachmentStatus: Codable, Sendable {
    package var plugin: String
    package var attachment: String
    /// Of the supervision: starting, serving, backing-off, …
    package var state: String
    /// Why it is in that state.
    package var stateReason: String?
    /// While it does not run: when it is tried again (RFC 3339, UTC).
    package var nextAttempt: String?
    /// While it does not run: the end of what it wrote, without what looks like a secret.
    package var lastWords: [String]
    /// How calls travel: relayed, forwarded or translated; absent before the plugin answered.
    package var mode: String?
    /// Why they travel so, in words.
    package var pathReason: String?
    package var hostVersion: Int
    package var pluginVersion: Int?
    package var pid: Int32?
    package var restarts: Int
    package var executable: String
    /// An upgrade put a new build in the locator's place: that is what runs, and the next start of the host goes past the gateway.
    package var isUnwrapped: Bool
    /// Another process that is tried beside the one that serves, in words.
    package var candidate: String?
    /// Why the last one that was tried did not take over.
    package var candidateFailure: String?
    /// Earlier processes that finish their calls.
    package var draining: Int
    package var hostSocket: String
    /// False while the plugin only waits for its locator to come back.
    package var hasLocator: Bool
    package var calls: UInt64
    package var errors: UInt64
    /// Calls in progress, streams included.
    package var openCalls: Int?
    /// What translating took so far.
    package var translationMicroseconds: UInt64?

    private static func text(ofMicroseconds time: Int64) -> String {
        Date(timeIntervalSince1970: Double(time) / 1_000_000).formatted(.iso8601)
    }

    static func of(_ attachment: Attachment, hasLocator: Bool) -> AttachmentStatus {
        let snapshot = attachment.supervisor.snapshot
        let path = attachment.path
        let totals = attachment.totals
        return AttachmentStatus(
            plugin: attachment.pluginID, attachment: attachment.id, state: snapshot.state.rawValue, stateReason: snapshot.reason,
            nextAttempt: snapshot.nextAttemptMicroseconds.map { text(ofMicroseconds: $0) },
            lastWords: snapshot.nextAttemptMicroseconds == nil ? [] : snapshot.lastError?.lastWords.suffix(5) ?? [],
            mode: attachment.mode, pathReason: path?.reason, hostVersion: AttachmentRouter.hostVersion,
            pluginVersion: snapshot.version, pid: snapshot.pid, restarts: snapshot.restarts, executable: attachment.executable,
            isUnwrapped: snapshot.isUnwrapped,
            candidate: snapshot.candidate.map { candidate in
                "\(candidate.state.rawValue)\(candidate.pid.map { ", pid \($0)" } ?? ""), because \(candidate.cause)"
            },
            candidateFailure: snapshot.candidateFailure.map { "\($0)" }, draining: snapshot.draining,
            hostSocket: attachment.hostSocket, hasLocator: hasLocator, calls: totals.calls, errors: totals.errors,
            openCalls: attachment.statistics.openCalls, translationMicroseconds: DecimalText.microseconds(totals.translation))
    }
}

/// Makes status reports for whoever asks.
package struct StatusSource: Sendable {
    let registry: AttachmentRegistry
    let controlSocket: String
    let startedAt: ContinuousClock.Instant
    let lag: LoopLag

    func report() async -> [UInt8] {
        await registry.takeStock()
        return StatusReport(
            version: GatewayVersion.current, pid: getpid(), uptimeSeconds: startedAt.duration(to: .now).components.seconds,
            controlSocket: controlSocket, plugins: await registry.status(),
            loopLagMicroseconds: DecimalText.microseconds(lag.longest), waitingSockets: await registry.held.keys.sorted()
        ).json
    }
}

package enum GatewayVersion {
    package static let current = "0.1.0"
}
