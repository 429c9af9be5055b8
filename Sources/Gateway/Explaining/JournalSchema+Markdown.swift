internal import PluginSupervision
internal import Telemetry

extension JournalSchema {
    /// The text of docs/journal.md.
    package var markdown: String {
        ([Self.opening] + overview + events.flatMap(section) + fieldTable + [Self.closing]).joined(separator: "\n")
    }

    private static let prefix = FieldName.prefix

    private static func short(_ field: String) -> String {
        field.hasPrefix(prefix) ? String(field.dropFirst(prefix.count)) : field
    }

    private var overview: [String] {
        ["## Kinds of events", "", "| event | MESSAGE_ID | level | subject |", "| --- | --- | --- | --- |"]
            + events.map { "| [`\($0.name)`](#\($0.name)) | `\($0.messageID)` | \(Self.words($0.levels)) | \($0.subject) |" } + [
                ""
            ]
    }

    private func section(_ event: Event) -> [String] {
        var fields =
            event.always.map { "`\(Self.short($0))`" } + event.sometimes.map { "`\(Self.short($0))` (where there is one)" }
        fields += event.families.map { "`\(Self.short($0))…`" }
        return [
            "### \(event.name)", "", "*\(event.subject).* \(event.occasion)", "",
            "- Fields: \(fields.isEmpty ? "none of its own" : fields.joined(separator: ", "))", "- What to do: \(event.action)",
            "",
        ]
    }

    private var fieldTable: [String] {
        var lines = ["## Fields", "", "| field | unit | meaning | in |", "| --- | --- | --- | --- |"]
        for field in fields {
            let carriers = events.filter { ($0.always + $0.sometimes).contains(field.name) }.map { "`\($0.name)`" }
            let place = ofEveryKind.contains(field.name) ? "every entry" : carriers.joined(separator: ", ")
            let meaning = field.meaning.replacing("|", with: "\\|") + (field.repeats ? " Repeated." : "")
            lines.append("| `\(field.name)` | \(field.unit) | \(meaning) | \(place) |")
        }
        for family in families {
            let carriers = events.filter { $0.families.contains(family.prefix) }.map { "`\($0.name)`" }
            lines.append("| `\(family.prefix)…` | | \(family.meaning) | \(carriers.joined(separator: ", ")) |")
        }
        return lines + [""]
    }

    private static func words(_ levels: [String]) -> String {
        levels.count > 4 ? "the line's own" : levels.joined(separator: ", ")
    }

    private static let opening = """
        # The journal

        Everything that plugin-gateway has to say goes to the systemd journal as entries with fields: what happened, what plugins wrote, and counters. Printed by
        `plugin-gateway journal-schema`: change the tables in `Sources/Telemetry/Logs/`, then run `.ci/documents.sh write`. `plugin-gateway journal-schema --format json` prints the same for programs.

        Every entry has MESSAGE (a sentence for people; a plugin's id stands first), PRIORITY and SYSLOG_IDENTIFIER=plugin-gateway. An entry of one of the kinds below has their MESSAGE_ID and
        `\(prefix)EVENT`; `journalctl -x` shows what the message catalog says about it. Fields of our own begin with `\(prefix)`, which is left out of the lists below. Entries without a MESSAGE_ID are
        log lines of the gateway's libraries; their fields are what the library named so.

        An id or a field never changes its meaning: a new meaning gets a new name. No field ever holds the environment, arguments, settings, headers or cookies that pass through the gateway.

        Without a journal the same entries go to standard error, one line each.

        """

    private static let closing = """
        ## Reading the counters

        Counters are *cumulative*: a rate is the difference of two entries divided by their distance in time. They begin at zero at `SINCE_USEC`; entries with different values of it must not be
        subtracted from each other. A plugin's counters begin when it is attached, the gateway's own when it starts.

        - The series of a plugin's counters are told apart by `PLUGIN`, `ATTACHMENT`, `METHOD` and `VERSION_PATH`. While a plugin is replaced two attachments of it are normal.
        - A method without new calls is not written again: the last entry still holds.
        - `FINAL=1` marks the last totals: of a plugin that was detached, and of everything when the gateway stops. A process that was killed writes none.
        - `SEQUENCE` counts the snapshot entries of one process of the gateway. A gap is an entry that was lost; since counters are cumulative, the next entry makes up for it.
        - Sums over attachments: take the last entry of each series, and add them up.

        A call counts when it ends. Those in progress are in `CALLS_OPEN`, which with `RESTARTS_TOTAL` is of the attachment as a whole, and as it was when the entry was written.

        ## Rates and limits

        - An entry waits in a queue before a thread of its own, so a slow or stalled journald never delays a call. The queue holds \(Journal.Limits().entries) entries and \(Journal.Limits().bytes >> 20) MiB, the last quarter of it for warnings and
          worse; what finds it full is lost and counted in `ENTRIES_DROPPED_TOTAL`.
        - A plugin's log is limited for each process by itself: \(LogLimits().recordsPerSecond) lines and \(LogLimits().bytesPerSecond >> 10) KiB a second, \(LogLimits().recordBurst) lines and \(LogLimits().byteBurst >> 20) MiB at once. What is more is dropped, and a warning with the source `gateway` and
          `FIELD_DROPPED` says how many lines. A panic is kept all the same. Lines are cut at \(LogLimits().lineBytes >> 10) KiB.
        - journald has a limit for each service too, and says so itself (`Suppressed … messages`). The unit raises it (`LogRateLimitBurst=`); a drop-in that sets it lower loses entries without the
          gateway knowing.
        - At most \(JournalEntry.maximumFields) fields an entry, \(JournalEntry.maximumValueBytes >> 10) KiB a value; what is longer is cut and marked. `journalctl -o json` shows values above 4 KiB only with `--all`.

        ## Plugins' own logs

        Kind `plugin-log`: MESSAGE is the plugin's id and its text, PRIORITY the level that the plugin gave to it (plain output is debug). In text and values what looks like a secret is masked as
        `[redacted]`: values behind names such as password, token, secret, cookie, Authorization; bearer and basic credentials; the user part of URLs; private keys; and, wherever they
        stand, the values of environment variables with such names that Grafana gave to the plugin. A plugin that logs a secret under an innocent name is not caught. Grafana gets the lines as the
        plugin wrote them (`logs.to_host`), as without a gateway.

        ## Whom to believe

        A plugin is a child of the service. It can send entries of its own to journald, with our MESSAGE_IDs and fields; they have the same `_SYSTEMD_UNIT`. Fields that begin with an underscore are journald's own and
        cannot be sent. So whatever reads the journal accepts only entries whose `_EXE` is the gateway:

        ```
        journalctl _EXE=/usr/bin/plugin-gateway MESSAGE_ID=…
        ```

        That keeps out mistakes and imitations. A hostile plugin runs as the gateway's user and might start `/usr/bin/plugin-gateway` itself. Where that matters, accept only the process that systemd started:

        ```
        journalctl _PID=$(systemctl show -P MainPID plugin-gateway) _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID plugin-gateway)
        ```

        For earlier runs: within one `_SYSTEMD_INVOCATION_ID` the `_PID` of the first `gateway-started` is the gateway's, since no plugin runs before it.

        ## Recipes

        ```
        journalctl -u plugin-gateway                                        # what happened, and what plugins wrote
        journalctl -u plugin-gateway -p warning -x                          # what went wrong, and what to do
        journalctl _EXE=/usr/bin/plugin-gateway PLUGIN_GATEWAY_PLUGIN=my-datasource -f
        journalctl PLUGIN_GATEWAY_EVENT=plugin-log PLUGIN_GATEWAY_PLUGIN=my-datasource PLUGIN_GATEWAY_MODULE=db
        journalctl _EXE=/usr/bin/plugin-gateway PLUGIN_GATEWAY_EVENT=loss-first-seen -o json --output-fields=PLUGIN_GATEWAY_METHOD,PLUGIN_GATEWAY_LOSS_PATH
        journalctl _EXE=/usr/bin/plugin-gateway PLUGIN_GATEWAY_FINAL=1 -o json      # totals of what has ended
        journalctl -u plugin-gateway --since -1h -o json _EXE=/usr/bin/plugin-gateway MESSAGE_ID=\(EventKind.pluginSnapshot.messageID) |
            jq -r '[.__REALTIME_TIMESTAMP, .PLUGIN_GATEWAY_PLUGIN, .PLUGIN_GATEWAY_METHOD, .PLUGIN_GATEWAY_CALLS_TOTAL, .PLUGIN_GATEWAY_LATENCY_P99_USEC] | @tsv'
        ```

        Values are strings in JSON, also numbers; a field that is repeated is an array. The journal belongs to root and the groups `systemd-journal` and `adm`.
        """
}
