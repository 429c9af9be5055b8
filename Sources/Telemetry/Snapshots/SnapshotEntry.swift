/// The journal entries of a snapshot: cumulative counters in fields, one sentence for people.
enum SnapshotEntry {
    static let maximumLosses = 12
    static let maximumGauges = 32
    static let metricsPerEntry = 48

    /// One method of one plugin.
    static func plugin(
        _ plugin: PluginStatistics.Snapshot, _ method: MethodStatistics, sequence: UInt64, dropped: UInt64, final: Bool
    ) -> JournalEntry {
        let losses = method.lossesByCount
        var entry = JournalEntry(.info, message(plugin, method, losses), event: .pluginSnapshot)
        entry.append(.plugin, plugin.pluginID)
        if !plugin.attachmentID.isEmpty { entry.append(.attachment, plugin.attachmentID) }
        entry.append(.method, method.method)
        entry.append(.versionPath, method.versionPath)
        entry.append(.sequence, sequence)
        entry.append(.since, plugin.since)
        if final { entry.append(.final, 1) }
        entry.append(.calls, method.calls)
        entry.append(.errors, method.errors)
        for (code, count) in method.callsByCode.enumerated().dropFirst() where count > 0 {
            entry.append(.errorCode, "\(GRPCCodeName.all[code]) \(count)")
        }
        entry.append(.latencySum, method.latency.sum)
        entry.append(.latencyMedian, method.latency.quantile(0.5))
        entry.append(.latency90, method.latency.quantile(0.9))
        entry.append(.latency99, method.latency.quantile(0.99))
        entry.append(.latencyMaximum, method.latency.longest)
        entry.append(.latencyHistogram, method.latency.occupied.map { "\($0.bound):\($0.count)" }.joined(separator: ","))
        entry.append(.requestBytes, method.bytesIn)
        entry.append(.responseBytes, method.bytesOut)
        entry.append(.points, method.points)
        entry.append(.frames, method.frames)
        entry.append(.translationSum, DecimalText.microseconds(method.translation))
        entry.append(.losses, losses.reduce(0) { $0 + $1.count })
        for loss in losses.prefix(maximumLosses) { entry.append(.loss, "\(loss.count) \(loss.key.path) \(loss.key.cause)") }
        entry.append(.openCalls, plugin.openCalls)
        entry.append(.restarts, plugin.restarts)
        entry.append(.entriesDropped, dropped)
        return entry
    }

    private static func message(
        _ plugin: PluginStatistics.Snapshot, _ method: MethodStatistics, _ losses: [(key: LossKey, count: UInt64)]
    ) -> String {
        let path = method.versionPath.split(separator: "-").joined(separator: "→")
        var text = "\(plugin.pluginID) \(method.method) \(path): \(method.calls) \(method.calls == 1 ? "call" : "calls"), "
        text += "\(method.errors) \(method.errors == 1 ? "error" : "errors"), "
        text +=
            "p50 \(DecimalText.duration(method.latency.quantile(0.5))), p99 \(DecimalText.duration(method.latency.quantile(0.99)))"
        if method.points > 0 { text += ", \(method.points) points" }
        if !losses.isEmpty {
            text += ", losses: " + losses.prefix(3).map { "\($0.key.path) \($0.count)" }.joined(separator: ", ")
            if losses.count > 3 { text += " and \(losses.count - 3) more" }
        }
        return text
    }

    /// The gateway itself.
    static func gateway(
        _ vitals: ProcessVitals, plugins: Int, openCalls: Int, loopLag: Duration, journal: Journal.Counters, gauges: [Gauge],
        sequence: UInt64, since: Int64, final: Bool
    ) -> JournalEntry {
        var entry = JournalEntry(
            .info,
            "gateway: \(DecimalText.bytes(vitals.residentBytes)) resident, \(DecimalText.duration(vitals.processorMicroseconds)) CPU, "
                + "\(vitals.descriptors) descriptors, \(plugins) \(plugins == 1 ? "plugin" : "plugins"), "
                + "\(openCalls) \(openCalls == 1 ? "call" : "calls") open, "
                + "\(journal.dropped) journal entries dropped",
            event: .gatewaySnapshot)
        entry.append(.sequence, sequence)
        entry.append(.since, since)
        if final { entry.append(.final, 1) }
        entry.append(.residentMemory, vitals.residentBytes)
        entry.append(.processorTime, vitals.processorMicroseconds)
        entry.append(.descriptors, vitals.descriptors)
        entry.append(.plugins, plugins)
        entry.append(.openCalls, openCalls)
        entry.append(.loopLag, DecimalText.microseconds(loopLag))
        entry.append(.entriesSent, journal.sent)
        entry.append(.entriesDropped, journal.dropped)
        entry.append(.fieldsLeftOut, journal.leftOutFields)
        entry.append(.sendFailures, journal.sendFailures)
        for gauge in gauges.prefix(maximumGauges) {
            entry.append(FieldName.forKey("gauge_\(gauge.name)"), DecimalText.plain(gauge.value))
        }
        return entry
    }

    /// Metrics of the libraries inside the gateway.
    static func metrics(_ samples: ArraySlice<MetricsRegistry.Sample>, sequence: UInt64, since: Int64, final: Bool)
        -> JournalEntry
    {
        var entry = JournalEntry(.info, "metrics of the gateway's libraries: \(samples.count) values", event: .metricsSnapshot)
        entry.append(.sequence, sequence)
        entry.append(.since, since)
        if final { entry.append(.final, 1) }
        for sample in samples { entry.append(sample.field, DecimalText.plain(sample.value)) }
        return entry
    }
}
