package import Logging

/// One record of a plugin's log, whatever shape the plugin gave it: bounded, valid UTF-8 and free of control characters other
/// than line feed and tab.
package struct PluginLogRecord: Sendable, Equatable {
    /// Where the plugin wrote it.
    package enum Source: String, Sendable {
        /// The standard error of the process: where go-plugin's peers log.
        case stderr
        /// The standard output after the handshake line.
        case stdout
        /// What the plugin printed and handed over by `plugin.GRPCStdio`.
        case stdio
        /// The gateway itself, about this plugin's output: lines it had to drop or cut.
        case gateway
    }

    /// The id the plugin is known by in logs and status.
    package var pluginID: String
    /// The process that wrote it.
    package var pid: Int32
    package var source: Source
    package var level: Logger.Level
    /// The logger's name (`module` in hclog JSON), if the plugin gave one.
    package var module: String?
    package var message: String
    /// Microseconds since 1970, UTC: the plugin's own when it gave one, else the time of arrival.
    package var timestampMicroseconds: Int64
    /// In the order in which the plugin wrote them; nested values as compact JSON.
    package var fields: [(key: String, value: String)]

    package init(
        pluginID: String, pid: Int32, source: Source, level: Logger.Level, module: String? = nil, message: String,
        timestampMicroseconds: Int64, fields: [(key: String, value: String)] = []
    ) {
        self.pluginID = pluginID
        self.pid = pid
        self.source = source
        self.level = level
        self.module = module
        self.message = message
        self.timestampMicroseconds = timestampMicroseconds
        self.fields = fields
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.pluginID == right.pluginID && left.pid == right.pid && left.source == right.source && left.level == right.level
            && left.module == right.module && left.message == right.message
            && left.timestampMicroseconds == right.timestampMicroseconds
            && left.fields.elementsEqual(right.fields) { $0.key == $1.key && $0.value == $1.value }
    }
}
