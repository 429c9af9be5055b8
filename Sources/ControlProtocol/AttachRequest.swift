/// A locator's wish to have its plugin run behind the gateway. It names a directory and never a command.
///
/// The environment, the arguments and the working directory are as the host gave them. They hold secrets: neither `description` nor a
/// mirror of this type shows them.
package struct AttachRequest: Sendable {
    /// The plugin's directory, absolute.
    package var directory: String
    /// The name of the locator's executable in that directory, which is the plugin's own name.
    package var executableName: String
    /// The host's variables for the plugin, already filtered; at most `ControlLimits.environmentEntries`.
    package var environment: [(String, String)]
    /// Without the executable's name.
    package var arguments: [String]
    package var workingDirectory: String
    /// The value of the magic cookie that the host used.
    package var magicCookieValue: String
    /// On a re-attach: the host socket of before, which the host goes on using.
    package var hostSocket: String?
    /// Whether the gateway shall send the plugin's log records.
    package var logsWanted: Bool
    /// Where the host can reach a socket (`PLUGIN_UNIX_SOCKET_DIR`) and the group to share it with (`PLUGIN_UNIX_SOCKET_GROUP`).
    package var hostSocketDirectory: String?
    package var hostSocketGroup: String?

    package init(
        directory: String, executableName: String, environment: [(String, String)], arguments: [String], workingDirectory: String,
        magicCookieValue: String, hostSocket: String? = nil, logsWanted: Bool = true, hostSocketDirectory: String? = nil,
        hostSocketGroup: String? = nil
    ) {
        self.directory = directory
        self.executableName = executableName
        self.environment = environment
        self.arguments = arguments
        self.workingDirectory = workingDirectory
        self.magicCookieValue = magicCookieValue
        self.hostSocket = hostSocket
        self.logsWanted = logsWanted
        self.hostSocketDirectory = hostSocketDirectory
        self.hostSocketGroup = hostSocketGroup
    }
}

extension AttachRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        "AttachRequest(directory: \(directory.debugDescription), executableName: \(executableName.debugDescription),"
            + " hostSocket: \(hostSocket?.debugDescription ?? "none"), logsWanted: \(logsWanted),"
            + " environment: \(environment.count) entries withheld, arguments: \(arguments.count) withheld)"
    }

    package var debugDescription: String { description }

    package var customMirror: Mirror {
        Mirror(self, children: ["directory": directory, "executableName": executableName], displayStyle: .struct)
    }
}
