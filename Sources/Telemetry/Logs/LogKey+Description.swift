extension LogKey {
    /// The name without the prefix that all share.
    package var shortName: String { String(rawValue.dropFirst(FieldName.prefix.count)) }

    /// The table of all fields.
    package var description: FieldDescription {
        switch self {
        case .event:
            FieldDescription(.text, "The kind of event by name. Entries without it are log lines of the gateway's libraries.")
        case .logger: FieldDescription(.text, "The part of the gateway that wrote it.")

        case .plugin: FieldDescription(.text, "The plugin's id, as in its plugin.json.")
        case .attachment:
            FieldDescription(
                .text, "Which attachment: one for each locator, eight hexadecimal digits, as `plugin-gateway status` shows.")
        case .pluginPID: FieldDescription(.processID, "The plugin's process.")
        case .locatorPID: FieldDescription(.processID, "The locator's process, as the kernel names it (in a container too).")
        case .socket: FieldDescription(.text, "The path of a socket: the control socket, or an attachment's host socket.")
        case .directory: FieldDescription(.text, "The plugin's directory; at the start the plugin roots, separated by colons.")
        case .executable: FieldDescription(.text, "The file that runs as the plugin.")
        case .file: FieldDescription(.text, "The configuration file.")
        case .version: FieldDescription(.text, "The gateway's release.")

        case .hostVersion: FieldDescription(.number, "The major version of the plugin protocol that the host speaks.")
        case .pluginVersion: FieldDescription(.number, "The major version of the plugin protocol that the plugin speaks.")
        case .versionPath: FieldDescription(.text, "Host and plugin version, such as `2-1`.")
        case .mode: FieldDescription(.text, "How calls travel: `relayed` or `translated`.")

        case .method:
            FieldDescription(.text, "The gRPC method, such as `pluginv2.Data/QueryData`; `(other)` beyond 64 of a plugin.")
        case .reason: FieldDescription(.text, "What happened, in words.")
        case .remedy: FieldDescription(.text, "Which side must change, and to what.")
        case .error: FieldDescription(.text, "An error as the part that met it describes it.")
        case .code: FieldDescription(.text, "What happened, as a word that stays the same between releases.")
        case .lastWords: FieldDescription(.text, "The end of what the plugin wrote to its standard error; secrets are masked.")
        case .state:
            FieldDescription(.text, "The state of the plugin after the event: `starting`, `serving`, `broken` and so on.")
        case .stateBefore: FieldDescription(.text, "Its state before the event.")
        case .attempt: FieldDescription(.number, "Which process of this attachment, from 1.")
        case .retryAfter: FieldDescription(.microseconds, "Time until the next attempt.")
        case .lossPath: FieldDescription(.text, "The field of the protocol that was left out.")
        case .lossCause: FieldDescription(.text, "Why it was left out, as in docs/compatibility.md.")

        case .source:
            FieldDescription(
                .text,
                "Where the plugin wrote it: `stderr`, `stdout`, `stdio`; `gateway` for a remark of the gateway on its output.")
        case .module: FieldDescription(.text, "The name that the plugin gave to its logger.")
        case .pluginTime: FieldDescription(.instant, "The time in the plugin's line, else when it arrived.")
        case .fieldsNotKept: FieldDescription(.number, "Named values of the line beyond the 24 that are kept.")

        case .sequence:
            FieldDescription(.number, "Counts the snapshot entries of this process of the gateway, all kinds together.")
        case .since: FieldDescription(.instant, "When the counters began at zero.")
        case .final: FieldDescription(.number, "1 on the last entry with these counters.")
        case .calls: FieldDescription(.cumulative, "Calls that have ended.")
        case .errors: FieldDescription(.cumulative, "Calls that ended with another code than OK.")
        case .errorCode: FieldDescription(.text, "`CODE COUNT` for each gRPC code other than OK.", repeats: true)
        case .latencySum: FieldDescription(.microseconds, "Cumulative duration of all calls.")
        case .latencyMedian: FieldDescription(.microseconds, "Half of all calls since `SINCE` took at most this; within 6.25 %.")
        case .latency90: FieldDescription(.microseconds, "90 % of all calls took at most this.")
        case .latency99: FieldDescription(.microseconds, "99 % of all calls took at most this.")
        case .latencyMaximum: FieldDescription(.microseconds, "The longest call.")
        case .latencyHistogram:
            FieldDescription(
                .text,
                "`BOUND:COUNT,…`: calls that took at most BOUND µs and more than the bound before, cumulative; empty buckets are left out."
            )
        case .requestBytes: FieldDescription(.cumulative, "Bytes of request messages from the host.")
        case .responseBytes: FieldDescription(.cumulative, "Bytes of messages to the host.")
        case .points: FieldDescription(.cumulative, "Data points in translated answers.")
        case .frames: FieldDescription(.cumulative, "Data frames in translated answers.")
        case .translationSum:
            FieldDescription(
                .microseconds,
                "Cumulative time that translating the calls took. Waiting, for the plugin or for a turn, is left out.")
        case .losses: FieldDescription(.cumulative, "Values that translation left out.")
        case .loss: FieldDescription(.text, "`COUNT PATH CAUSE`, the 12 most frequent, the most frequent first.", repeats: true)

        case .openCalls:
            FieldDescription(
                .number,
                "Calls in progress at the moment, streams included: of the attachment with all its methods, or of all of them.")
        case .restarts:
            FieldDescription(.cumulative, "How often the plugin's process was started again by itself, of the attachment.")

        case .residentMemory: FieldDescription(.bytes, "Resident memory of the gateway's process.")
        case .processorTime:
            FieldDescription(.microseconds, "Processor time of the gateway's process since it started, user and system.")
        case .descriptors: FieldDescription(.number, "Open file descriptors of the gateway's process.")
        case .entriesSent: FieldDescription(.cumulative, "Journal entries that were delivered.")
        case .entriesDropped: FieldDescription(.cumulative, "Journal entries that were lost because journald could not keep up.")
        case .fieldsLeftOut: FieldDescription(.cumulative, "Fields left out of entries: an invalid name, or more than 64.")
        case .sendFailures: FieldDescription(.cumulative, "Entries that journald refused; they went to standard error.")
        case .plugins: FieldDescription(.number, "Attached plugins.")
        case .loopLag:
            FieldDescription(
                .microseconds,
                "By how much an event loop was late at the most, since the snapshot before: as long as calls waited for others. Looked at every second."
            )
        }
    }
}
