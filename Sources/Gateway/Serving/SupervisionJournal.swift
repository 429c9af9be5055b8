internal import Logging
internal import PluginSupervision
internal import Routing
internal import Telemetry
internal import Translation
internal import Transport

/// Writes what happens to one attachment into the journal, each event with its kind.
struct SupervisionJournal: Sendable {
    let logger: Logger
    let pluginID: String
    let attachmentID: String

    func record(_ event: SupervisionEvent) {
        switch event {
        case .starting(let generation):
            logger.event(
                .pluginStarted, at: .info, "plugin starting",
                [.plugin: pluginID, .attachment: attachmentID, .attempt: "\(generation)"])
        case .running(let generation, let pid, let version):
            let path = TranslationPath.choose(host: AttachmentRouter.hostVersion, plugin: version)
            logger.event(
                .pluginNegotiated, "plugin negotiated",
                [
                    .plugin: pluginID, .attachment: attachmentID, .attempt: "\(generation)", .pluginPID: "\(pid)",
                    .hostVersion: "\(AttachmentRouter.hostVersion)", .pluginVersion: "\(version)", .mode: path.mode.rawValue,
                    .reason: path.reason,
                ])
        case .failed(let generation, let error): failed(generation, error)
        case .reconnecting(_, let reason):
            logger.event(
                .transport, at: .warning, "connection to the plugin lost",
                [.plugin: pluginID, .attachment: attachmentID, .reason: reason])
        case .restarting(let generation):
            logger.event(
                .pluginEnded, "plugin restarting", [.plugin: pluginID, .attachment: attachmentID, .attempt: "\(generation)"])
        case .stopping:
            logger.event(.pluginEnded, at: .info, "plugin stopping", [.plugin: pluginID, .attachment: attachmentID])
        case .ended(let end):
            logger.event(.pluginEnded, "plugin ended", [.plugin: pluginID, .attachment: attachmentID, .reason: "\(end)"])
        }
    }

    func record(_ event: TransportEvent) {
        // A connection that ends is everyday life; what broke a rule or a limit is not.
        logger.event(
            .transport, at: event.kind == .connectionLost ? .debug : .warning, "transport event",
            [
                .plugin: pluginID, .attachment: attachmentID, .code: event.kind.rawValue,
                .reason: "\(event.side.rawValue): \(event.message)"
                    + (event.suppressed > 0 ? " (\(event.suppressed) more were left out)" : ""),
            ])
    }

    func record(_ losses: [FirstLoss]) {
        for loss in losses {
            logger.event(
                .lossFirstSeen, at: .info, "a loss was seen for the first time",
                [
                    .plugin: pluginID, .attachment: attachmentID, .method: loss.method, .versionPath: loss.versionPath,
                    .lossPath: loss.loss.path, .lossCause: loss.loss.cause,
                ])
        }
    }

    private func failed(_ generation: Int, _ error: SupervisionError) {
        let microseconds = error.retryAfter.map {
            $0.components.seconds * 1_000_000 + $0.components.attoseconds / 1_000_000_000_000
        }
        logger.event(
            .pluginStartFailed, at: .error, "plugin failed",
            [
                .plugin: pluginID, .attachment: attachmentID, .attempt: "\(generation)", .code: error.code.rawValue,
                .reason: error.cause.map { "\(error.message): \($0)" } ?? error.message, .remedy: error.remedy,
                .lastWords: Redaction.line(error.lastWords.suffix(5).joined(separator: "\n")),
                .retryAfter: microseconds.map { "\($0)" } ?? "",
            ])
    }
}
