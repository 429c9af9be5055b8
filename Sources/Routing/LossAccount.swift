package import Telemetry
internal import Translation
internal import Transport

/// Losses that an attachment never had before, and the call in which they were seen.
package struct NewLosses: Sendable {
    package var method: String
    /// Versions of host and plugin, such as `2-1`.
    package var versionPath: String
    package var losses: [LossKey]
}

/// Where the losses of translated calls go: counters, events of first sight, and the trailing metadata of the answer.
struct LossAccount: Sendable {
    /// Versions of host and plugin, such as `2-1`.
    let versionPath: String
    let settings: RoutingSettings
    let statistics: PluginStatistics
    /// Called with losses that this attachment never had before, those left out that the operator allows.
    let onNewLoss: @Sendable (NewLosses) -> Void

    /// Counts what a call carried and lost, and how long translating it took.
    func enter(
        _ ledger: LossLedger, method: String, _ translated: TranslationStatistics = TranslationStatistics(),
        time: TranslationTime? = nil
    ) {
        let new = statistics.recordTranslation(
            method: method, versionPath: versionPath, points: translated.points, frames: translated.frames,
            time: time?.spent ?? .zero,
            losses: ledger.losses.map { (path: $0.path.name, cause: $0.cause.rawValue, count: $0.count) })
        let policies = settings.translation.losses
        let worthAnEvent = new.filter { policies.policy(of: LossPath($0.path)) != .allow }
        if !worthAnEvent.isEmpty {
            onNewLoss(NewLosses(method: method, versionPath: versionPath, losses: worthAnEvent))
        }
    }

    /// Counts the fields of a newer host in a request that the gateway answers itself. Nothing is sent to the plugin, so none is refused.
    ///
    /// - Returns: what was found; nothing for a request that is not the message of its method, which whoever decodes it says.
    func enterUnknownFields(of request: [UInt8], method path: String) -> LossLedger {
        var ledger = LossLedger()
        guard let method = RuleBook.v2ToV1.methods.first(where: { $0.name.utf8.elementsEqual(path.utf8.dropFirst()) }) else {
            return ledger
        }
        try? UnknownFields.enter(of: request, as: method.request, in: .v2ToV1, &ledger)
        if !ledger.isEmpty { enter(ledger, method: method.name) }
        return ledger
    }
}

extension Metadata {
    /// Names the losses of the call, for tools; nothing when there are none.
    mutating func append(losses ledger: LossLedger) {
        if let value = LossTrailer.value(ledger.losses) { append(LossTrailer.name, value) }
    }
}
