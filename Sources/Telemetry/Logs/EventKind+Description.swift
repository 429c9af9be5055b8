extension EventKind {
    /// The table of all kinds of events.
    package var description: EventDescription {
        switch self {
        case .gatewayStarted:
            EventDescription(
                "The gateway has started", [.notice], occasion: "Once at every start, before a locator is listened to.",
                action: "Nothing. Locators that are there already attach again within seconds.",
                always: [.version, .socket, .directory], headline: [.version, .socket])
        case .gatewayStopping:
            EventDescription(
                "The gateway is stopping", [.notice], occasion: "When the service is told to stop or to restart.",
                action: "Nothing; to stop it for good, stop `plugin-gateway.socket` too.")
        case .configuration:
            EventDescription(
                "The configuration was read or rejected", [.notice, .warning, .error],
                occasion: "When a configuration was read, or has an error, or says something that is probably not meant.",
                action: "Mend what the reason names. A running gateway keeps the configuration it had until then.",
                sometimes: [.file, .reason, .remedy], headline: [.file, .reason])
        case .attachRefused:
            EventDescription(
                "A locator was refused", [.warning],
                occasion:
                    "When a locator may not attach, its plugin does not start, or a message on the control socket is unusable.",
                action: "Do what the remedy says, then let Grafana start the plugin again.",
                always: [.reason], sometimes: [.directory, .remedy, .code, .locatorPID], headline: [.directory, .reason])
        case .pluginAttached:
            EventDescription(
                "A plugin was attached", [.notice], occasion: "When Grafana started a locator and its plugin runs.",
                action: "Nothing.",
                always: [.plugin, .attachment, .socket, .executable, .locatorPID], sometimes: [.reason], headline: [.reason])
        case .pluginDetached:
            EventDescription(
                "A plugin was detached", [.notice],
                occasion: "When an attachment is over: its host or its locator is done with it.",
                action: "Nothing when Grafana stopped or reloaded the plugin; else look for the locator in Grafana's log.",
                always: [.plugin, .attachment, .reason], headline: [.reason])
        case .pluginStarted:
            EventDescription(
                "A plugin's process is being started", [.info], occasion: "Before every start of a plugin's process.",
                action: "Nothing. An attempt above 1 means that an earlier process ended; its own entry says why.",
                always: [.plugin, .attachment, .attempt], sometimes: [.pluginPID, .reason])
        case .pluginNegotiated:
            EventDescription(
                "Gateway and plugin agreed on a protocol version", [.notice],
                occasion: "When a plugin has shaken hands and is healthy.",
                action: "Nothing. `plugin-gateway explain` says what does not survive a translation.",
                always: [.plugin, .attachment, .attempt, .pluginPID, .hostVersion, .pluginVersion, .mode, .reason],
                headline: [.reason])
        case .pluginStartFailed:
            EventDescription(
                "A plugin could not be started, or ended", [.error, .warning],
                occasion: "When a plugin's process does not come up, or ends though nobody asked it to.",
                action: "Do what the remedy says. The gateway tries again by itself where `RETRY_AFTER_USEC` is given.",
                always: [.plugin, .attachment, .attempt, .code, .reason], sometimes: [.remedy, .lastWords, .retryAfter],
                headline: [.reason])
        case .pluginEnded:
            EventDescription(
                "A plugin's process has ended", [.info, .notice],
                occasion: "When a plugin is being stopped or restarted on request, and when it has ended.", action: "Nothing.",
                always: [.plugin, .attachment], sometimes: [.attempt, .pluginPID, .reason], headline: [.reason])
        case .pluginLog:
            EventDescription(
                "A plugin wrote to its log", [.trace, .debug, .info, .notice, .warning, .error, .critical],
                occasion: "For a line that the plugin wrote to its standard error or output, at the level it gave to it.",
                action: "See the plugin's documentation: the words are its own.",
                always: [.plugin, .attachment, .pluginPID, .source, .pluginTime], sometimes: [.module, .fieldsNotKept],
                families: [.pluginFields])
        case .lossFirstSeen:
            EventDescription(
                "A translation left something out for the first time", [.info],
                occasion: "When a method of an attached plugin loses a value that it never lost before.",
                action: "Nothing, unless the plugin needs the value: `plugin-gateway explain` says what helps.",
                always: [.plugin, .attachment, .method, .versionPath, .lossPath, .lossCause],
                headline: [.method, .lossPath, .lossCause])
        case .transport:
            EventDescription(
                "A connection misbehaved", [.debug, .warning],
                occasion: "When a peer breaks the rules of HTTP/2 or gRPC, exceeds a limit, or a connection to a plugin is lost.",
                action: "Raise the limit that the reason names, or mend the peer. Other connections are not affected.",
                always: [.plugin, .attachment, .reason], sometimes: [.code], headline: [.reason])
        case .pluginSnapshot:
            EventDescription(
                "Counters of a plugin's method", [.info],
                occasion: "Every `telemetry.snapshot_interval` for each method that had calls since, and at the end.",
                action: "Nothing; see below how counters are read.",
                always: [
                    .plugin, .method, .versionPath, .sequence, .since, .calls, .errors, .latencySum, .latencyMedian, .latency90,
                    .latency99, .latencyMaximum, .latencyHistogram, .requestBytes, .responseBytes, .points, .frames, .losses,
                    .entriesDropped,
                ],
                sometimes: [.attachment, .final, .errorCode, .loss])
        case .gatewaySnapshot:
            EventDescription(
                "Counters of the gateway itself", [.info], occasion: "Every `telemetry.snapshot_interval`, and at the end.",
                action: "See whether journald is stalled or its disk is slow when `ENTRIES_DROPPED_TOTAL` grows.",
                always: [
                    .sequence, .since, .residentMemory, .processorTime, .descriptors, .plugins, .entriesSent, .entriesDropped,
                    .fieldsLeftOut, .sendFailures,
                ],
                sometimes: [.final], families: [.gauges])
        case .metricsSnapshot:
            EventDescription(
                "Counters of the libraries inside the gateway", [.info],
                occasion: "Every `telemetry.snapshot_interval`, when a library counts something.", action: "Nothing.",
                always: [.sequence, .since], sometimes: [.final], families: [.metrics])
        }
    }
}
