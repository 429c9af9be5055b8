extension EventKind {
    /// The table of all kinds of events.
    package var description: EventDescription {
        switch self {
        case .gatewayStarted:
            EventDescription(
                "The gateway has started", [.notice], occasion: "Once at every start, before a locator is listened to.",
                action: "Nothing. Locators that are there already attach again within seconds.",
                always: [.version, .socket, .directory], sometimes: [.reason], headline: [.version, .socket, .reason])
        case .gatewayStopping:
            EventDescription(
                "The gateway is stopping", [.notice, .warning],
                occasion: "When the service is told to stop or to restart, and again when the calls in flight have ended.",
                action:
                    "Nothing; to stop it for good, stop `plugin-gateway.socket` too. Raise `limits.drain_cap` if calls were cut.",
                sometimes: [.reason], headline: [.reason])
        case .gatewayStalled:
            EventDescription(
                "A part of the gateway does not answer", [.error],
                occasion: "When an event loop or the holder of the attachments has not answered for a third of `WatchdogSec=`.",
                action:
                    "Nothing at once: systemd restarts a gateway that stays so. Look for a machine that is overloaded or a plugin root "
                    + "on a file system that does not answer, and report it otherwise.",
                always: [.reason, .remedy], headline: [.reason])
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
                "A plugin was detached", [.notice, .warning],
                occasion:
                    "When an attachment is over: its host or its locator is done with it, or did not come back after a restart.",
                action: "Nothing when Grafana stopped or reloaded the plugin; else look for the locator in Grafana's log.",
                always: [.attachment, .reason], sometimes: [.plugin, .socket], headline: [.reason])
        case .pluginStarted:
            EventDescription(
                "A plugin's process is being started", [.info], occasion: "Before every start of a plugin's process.",
                action: "Nothing. An attempt above 1 means that an earlier process ended; its own entry says why.",
                always: [.plugin, .attachment, .attempt], sometimes: [.pluginPID, .state, .stateBefore, .reason])
        case .pluginNegotiated:
            EventDescription(
                "Gateway and plugin agreed on a protocol version", [.notice],
                occasion: "When a plugin has shaken hands and is healthy.",
                action: "Nothing. `plugin-gateway explain` says what does not survive a translation.",
                always: [
                    .plugin, .attachment, .attempt, .pluginPID, .hostVersion, .pluginVersion, .mode, .state, .stateBefore,
                    .reason,
                ],
                headline: [.reason])
        case .pluginServing:
            EventDescription(
                "A plugin's process takes the calls", [.notice],
                occasion:
                    "When a process that has negotiated serves, also in the place of another, and when its connection is back.",
                action: "Nothing. A process that was replaced finishes its calls and is stopped then.",
                always: [.plugin, .attachment, .attempt, .state, .stateBefore, .reason], sometimes: [.pluginPID, .pluginVersion],
                headline: [.reason])
        case .pluginDraining:
            EventDescription(
                "A plugin's earlier process finishes its calls", [.notice],
                occasion: "When another process has taken its place, or it is no longer needed.",
                action: "Nothing. What lasts longer than `limits.drain_cap` is cut off, which is an entry of its own.",
                always: [.plugin, .attachment, .attempt, .state, .stateBefore, .reason], headline: [.reason])
        case .pluginIdle:
            EventDescription(
                "A plugin was stopped because nobody calls it", [.notice],
                occasion: "When a plugin had no call for its `idle_timeout`.",
                action: "Nothing. The next call starts it again, and waits for it.",
                always: [.plugin, .attachment, .attempt, .state, .stateBefore, .reason], headline: [.reason])
        case .pluginBroken:
            EventDescription(
                "A plugin failed too often", [.error],
                occasion:
                    "When it failed `limits.breaker_failures` times within `limits.breaker_window`. Calls are refused at once.",
                action:
                    "Do what the remedy says, then `plugin-gateway restart ID`. A new build of its executable is tried by itself.",
                always: [.plugin, .attachment, .attempt, .state, .stateBefore, .code, .reason],
                sometimes: [.remedy, .lastWords, .retryAfter], headline: [.reason])
        case .upgradeTried:
            EventDescription(
                "Another process of a plugin is tried", [.notice],
                occasion: "When a new build, or a request, starts a process beside the one that serves.",
                action: "Nothing. It takes the calls once it has negotiated; until then, and when it fails, nothing changes.",
                always: [.plugin, .attachment, .attempt, .state, .stateBefore, .reason], headline: [.reason])
        case .upgradeFailed:
            EventDescription(
                "Another process of a plugin did not take over", [.error],
                occasion: "When a process that was tried did not come up. The one that serves goes on.",
                action: "Do what the remedy says. It is tried again when its file changes, or by `plugin-gateway restart ID`.",
                always: [.plugin, .attachment, .attempt, .state, .stateBefore, .code, .reason],
                sometimes: [.remedy, .lastWords, .retryAfter], headline: [.reason])
        case .callsCut:
            EventDescription(
                "Calls of a plugin's earlier process were cut off", [.warning],
                occasion: "When calls lasted longer than `limits.drain_cap` after another process had taken over.",
                action: "Nothing for endless streams, which Grafana opens again; raise `limits.drain_cap` for others.",
                always: [.plugin, .attachment, .attempt, .state, .stateBefore, .reason], headline: [.reason])
        case .pluginStartFailed:
            EventDescription(
                "A plugin could not be started, or ended", [.error, .warning],
                occasion: "When a plugin's process does not come up, or ends though nobody asked it to.",
                action: "Do what the remedy says. The gateway tries again by itself where `RETRY_AFTER_USEC` is given.",
                always: [.plugin, .attachment, .attempt, .state, .stateBefore, .code, .reason],
                sometimes: [.remedy, .lastWords, .retryAfter],
                headline: [.reason])
        case .pluginEnded:
            EventDescription(
                "A plugin's process has ended", [.info, .notice],
                occasion: "When a plugin is being stopped or restarted on request, and when it has ended.", action: "Nothing.",
                always: [.plugin, .attachment], sometimes: [.attempt, .pluginPID, .state, .stateBefore, .reason],
                headline: [.reason])
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
                always: [.reason], sometimes: [.plugin, .attachment, .attempt, .state, .stateBefore, .socket, .code, .remedy],
                headline: [.reason])
        case .pluginSnapshot:
            EventDescription(
                "Counters of a plugin's method", [.info],
                occasion: "Every `telemetry.snapshot_interval` for each method that had calls since, and at the end.",
                action: "Nothing; see below how counters are read.",
                always: [
                    .plugin, .method, .versionPath, .sequence, .since, .calls, .errors, .latencySum, .latencyMedian, .latency90,
                    .latency99, .latencyMaximum, .latencyHistogram, .requestBytes, .responseBytes, .points, .frames,
                    .translationSum, .losses, .openCalls, .restarts, .entriesDropped,
                ],
                sometimes: [.attachment, .final, .errorCode, .loss])
        case .gatewaySnapshot:
            EventDescription(
                "Counters of the gateway itself", [.info], occasion: "Every `telemetry.snapshot_interval`, and at the end.",
                action: "See whether journald is stalled or its disk is slow when `ENTRIES_DROPPED_TOTAL` grows.",
                always: [
                    .sequence, .since, .residentMemory, .processorTime, .descriptors, .plugins, .openCalls, .loopLag,
                    .entriesSent, .entriesDropped, .fieldsLeftOut, .sendFailures,
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
