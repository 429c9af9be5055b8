package import NIOCore
package import Transport

/// All that is needed to start one plugin, again and again.
///
/// `environment` and `arguments` come from the host and are secret: they are handed to the process and appear nowhere else.
package struct PluginLaunch: Sendable, CustomStringConvertible, CustomReflectable {
    /// The id that logs, status and errors carry.
    package var pluginID: String
    package var executable: PluginExecutable
    /// Where the executable is looked for again before each later start, and watched; nil runs `executable` every time.
    package var source: ExecutableSource?
    /// After the program's name.
    package var arguments: [String]
    /// As the host gave it to the locator; made fit for the plugin by `ChildEnvironment`.
    package var environment: [(String, String)]
    package var workingDirectory: String
    /// The value of the magic cookie the host set for the locator.
    package var cookieValue: String
    /// The app protocol versions the gateway can reach, such as `[1, 2]`.
    package var offeredVersions: [Int]
    /// Where the private temporary directories of plugins are made; created with mode 0700 when missing.
    package var temporaryDirectoryRoot: String
    package var limits: SupervisionLimits
    package var transportLimits: TransportLimits
    /// The loop of the attachment: the plugin's client, its pipes and the supervisor run on it.
    package var eventLoop: any EventLoop
    /// Receives every log record on the event loop; must not block.
    package var logSink: @Sendable (PluginLogRecord) -> Void
    /// Withholds secrets in what a plugin wrote last, before it goes into errors, status and journal.
    package var redact: @Sendable (String) -> String = { $0 }

    package init(
        pluginID: String,
        executable: PluginExecutable,
        arguments: [String] = [],
        environment: [(String, String)] = [],
        workingDirectory: String,
        cookieValue: String = "datasource",
        offeredVersions: [Int] = [1, 2],
        temporaryDirectoryRoot: String,
        limits: SupervisionLimits = SupervisionLimits(),
        transportLimits: TransportLimits = TransportLimits(),
        eventLoop: any EventLoop,
        logSink: @escaping @Sendable (PluginLogRecord) -> Void
    ) {
        self.pluginID = pluginID
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.cookieValue = cookieValue
        self.offeredVersions = offeredVersions
        self.temporaryDirectoryRoot = temporaryDirectoryRoot
        self.limits = limits
        self.transportLimits = transportLimits
        self.eventLoop = eventLoop
        self.logSink = logSink
    }

    package var description: String { "PluginLaunch(\(pluginID), \(executable.path))" }
    package var customMirror: Mirror { Mirror(self, children: ["pluginID": pluginID, "executable": executable.path]) }
}
