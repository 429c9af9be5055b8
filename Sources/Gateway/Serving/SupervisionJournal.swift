internal import Logging
internal import PluginSupervision
internal import Routing
internal import Telemetry
internal import Translation
internal import Transport

/// Writes what happens to one attachment into the journal, each event with its kind, its cause, and the states before and after.
struct SupervisionJournal: Sendable {
    let logger: Logger
    let pluginID: String
    let attachmentID: String

    func record(_ event: SupervisionEvent) {
        switch event.kind {
        case .starting: write(event, .pluginStarted, .info, "plugin starting")
        case .negotiated(let pid, let version): negotiated(event, pid, version)
        case .serving(let pid, let version): serving(event, pid, version)
        case .connectionLost: write(event, .transport, .warning, "connection to the plugin lost")
        case .reconnected: write(event, .pluginServing, .notice, "plugin connected again")
        case .failed(let error): failed(event, .pluginStartFailed, "plugin failed", error)
        case .broken(let error): failed(event, .pluginBroken, "plugin failed too often", error)
        case .idle: write(event, .pluginIdle, .notice, "plugin stopped because nobody calls it")
        case .stopping: write(event, .pluginEnded, .info, "plugin stopping")
        case .ended: write(event, .pluginEnded, .notice, "plugin ended")
        case .candidateStarting: write(event, .upgradeTried, .notice, "another process of the plugin is tried")
        case .candidateNegotiated(let pid, let version): negotiated(event, pid, version)
        case .candidateFailed(let error):
            failed(event, .upgradeFailed, "another process of the plugin did not take over", error)
        case .draining: write(event, .pluginDraining, .notice, "an earlier process of the plugin finishes its calls")
        case .cut: write(event, .callsCut, .warning, "calls of an earlier process of the plugin were cut off")
        case .gone: write(event, .pluginEnded, .info, "an earlier process of the plugin ended")
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

    func record(_ new: NewLosses) {
        for loss in new.losses {
            logger.event(
                .lossFirstSeen, at: .info, "a loss was seen for the first time",
                [
                    .plugin: pluginID, .attachment: attachmentID, .method: new.method, .versionPath: new.versionPath,
                    .lossPath: loss.path, .lossCause: loss.cause,
                ])
        }
    }

    // MARK: Kinds

    private func write(_ event: SupervisionEvent, _ kind: EventKind, _ level: Logger.Level, _ message: Logger.Message) {
        logger.event(
            kind, at: level, message,
            [
                .plugin: pluginID, .attachment: attachmentID, .attempt: "\(event.generation)", .state: event.after.rawValue,
                .stateBefore: event.before.rawValue, .reason: event.cause,
            ])
    }

    private func negotiated(_ event: SupervisionEvent, _ pid: Int32, _ version: Int) {
        let path = TranslationPath.choose(host: AttachmentRouter.hostVersion, plugin: version)
        logger.event(
            .pluginNegotiated, "plugin negotiated",
            [
                .plugin: pluginID, .attachment: attachmentID, .attempt: "\(event.generation)", .state: event.after.rawValue,
                .stateBefore: event.before.rawValue, .pluginPID: "\(pid)", .hostVersion: "\(AttachmentRouter.hostVersion)",
                .pluginVersion: "\(version)", .mode: path.mode.rawValue, .reason: path.reason,
            ])
    }

    private func serving(_ event: SupervisionEvent, _ pid: Int32, _ version: Int) {
        logger.event(
            .pluginServing, "plugin serving",
            [
                .plugin: pluginID, .attachment: attachmentID, .attempt: "\(event.generation)", .state: event.after.rawValue,
                .stateBefore: event.before.rawValue, .pluginPID: "\(pid)", .pluginVersion: "\(version)", .reason: event.cause,
            ])
    }

    private func failed(_ event: SupervisionEvent, _ kind: EventKind, _ message: Logger.Message, _ error: SupervisionError) {
        let microseconds = error.retryAfter.map {
            $0.components.seconds * 1_000_000 + $0.components.attoseconds / 1_000_000_000_000
        }
        logger.event(
            kind, at: .error, message,
            [
                .plugin: pluginID, .attachment: attachmentID, .attempt: "\(event.generation)", .state: event.after.rawValue,
                .stateBefore: event.before.rawValue, .code: error.code.rawValue,
                .reason: error.cause.map { "\(error.message): \($0)" } ?? error.message, .remedy: error.remedy,
                .lastWords: error.lastWords.suffix(5).joined(separator: "\n"), .retryAfter: microseconds.map { "\($0)" } ?? "",
            ])
    }
}
