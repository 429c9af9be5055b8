internal import Glibc

/// Puts the locator in the place of a plugin's executable, and back.
///
/// At every moment of `wrap` and `unwrap` a whole executable stands under the plugin's name: the plugin is first linked
/// to `<name>.wrapped`, then a complete copy of the locator is renamed over `<name>`.
package struct Wrapper {
    /// The locator to install.
    package let locator: String
    package static let suffix = ".wrapped"

    package init(locator: String) {
        self.locator = locator
    }

    /// The named locator, else the one of this installation.
    package static func chosen(_ path: String?) throws(GatewayError) -> Wrapper {
        guard let path else { return try installed() }
        guard FileFacts.isExecutable(path), try FileFacts.isLocator(path) else {
            throw GatewayError(.data, "\(path) is not a plugin-locator", remedy: "Name the plugin-locator of this release")
        }
        return Wrapper(locator: path)
    }

    /// The locator that belongs to this installation: `PLUGIN_GATEWAY_LOCATOR`, beside this program, or in the place of the Debian package.
    package static func installed() throws(GatewayError) -> Wrapper {
        var candidates: [String] = []
        if let named = getenv("PLUGIN_GATEWAY_LOCATOR") { candidates.append(String(cString: named)) }
        if let own = FileFacts.ownExecutable {
            candidates.append(own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex) + "/plugin-locator")
        }
        candidates.append("/usr/lib/plugin-gateway/plugin-locator")
        guard let found = candidates.first(where: { FileFacts.isExecutable($0) }) else {
            throw GatewayError(
                .noInput, "the locator (plugin-locator) is not where it is looked for: \(candidates.joined(separator: ", "))",
                remedy: "Reinstall plugin-gateway, or name the file with --locator")
        }
        return Wrapper(locator: found)
    }

    /// Wraps the plugin in `directory`.
    /// - Returns: what was done, one line each, for the operator.
    package func wrap(directory given: String) throws(GatewayError) -> [String] {
        let plugin = try Self.description(given)
        let name = try Self.executableName(plugin)
        let path = "\(plugin.directory)/\(name)"
        let wrapped = path + Self.suffix
        guard !plugin.isSigned else { throw Self.signed(plugin) }
        if try FileFacts.sameContents(path, locator) {
            guard FileFacts.exists(wrapped) else { throw Self.locatorAlone(path, wrapped) }
            return ["\(plugin.id) is wrapped already: \(path) is the locator, the plugin is \(wrapped)"]
        }
        let olderLocator = try FileFacts.isLocator(path)
        guard FileFacts.isExecutable(path) || olderLocator else {
            throw GatewayError(
                .data, "\(path) is not an executable file", remedy: "Make it executable (chmod 0755), or reinstall the plugin")
        }
        var report: [String] = []
        if olderLocator {
            guard FileFacts.exists(wrapped) else { throw Self.locatorAlone(path, wrapped) }
            report.append("\(path): an older locator is replaced")
        } else {
            if FileFacts.exists(wrapped) {
                report.append(
                    "\(wrapped) is of an earlier build (an upgrade replaced the locator): it is replaced by the new build")
            }
            try FileFacts.link(path, replacing: wrapped)
            report.append("the plugin is now \(wrapped)")
        }
        try FileFacts.copy(locator, replacing: path, mode: 0o755)
        report.append("the locator is now \(path)")
        report.append("\(plugin.id) is wrapped: restart Grafana, or let it restart the plugin, to go through the gateway")
        return report
    }

    /// Puts the plugin in `directory` back in its place.
    package static func unwrap(directory given: String) throws(GatewayError) -> [String] {
        let plugin = try description(given)
        let name = try executableName(plugin)
        let path = "\(plugin.directory)/\(name)"
        let wrapped = path + suffix
        let isLocator = try FileFacts.isLocator(path)
        guard FileFacts.exists(wrapped) else {
            if isLocator { throw locatorAlone(path, wrapped) }
            return ["\(plugin.id) is not wrapped: there is no \(wrapped)"]
        }
        guard isLocator || !FileFacts.exists(path) else {
            throw GatewayError(
                .data, "\(path) is no longer the locator: an upgrade put a new build there, and \(wrapped) is the earlier one",
                remedy:
                    "Remove \(wrapped) to keep the new build without the gateway, or run `plugin-gateway wrap \(plugin.directory)`"
            )
        }
        try FileFacts.rename(wrapped, to: path)
        return ["\(plugin.id) is unwrapped: \(path) is the plugin again; restart Grafana, or let it restart the plugin"]
    }

    // MARK: What is refused

    private static func description(_ given: String) throws(GatewayError) -> PluginDescription {
        let directory = try FileFacts.realPath(given)
        return try PluginDescription.read(directory: directory)
    }

    private static func executableName(_ plugin: PluginDescription) throws(GatewayError) -> String {
        guard let name = plugin.executableName else {
            throw GatewayError(
                .data, "\(plugin.directory)/plugin.json names no executable: \(plugin.id) has no backend",
                remedy: "Wrap plugins with a backend only; nothing needs to be done for this one")
        }
        return name
    }

    private static func signed(_ plugin: PluginDescription) -> GatewayError {
        GatewayError(
            .data,
            "\(plugin.id) is signed (\(plugin.directory)/MANIFEST.txt): with the locator in its place Grafana would call it modified and not load it, even if unsigned plugins are allowed",
            remedy: """
                Either install an overlay copy: copy \(plugin.directory) elsewhere beneath a plugin root, remove MANIFEST.txt from the copy, remove the \
                original, list \(plugin.id) under allow_loading_unsigned_plugins in grafana.ini, and wrap the copy; or wait for the vendor's v2 build
                """)
    }

    private static func locatorAlone(_ path: String, _ wrapped: String) -> GatewayError {
        GatewayError(
            .data, "\(path) is the locator, but the plugin it stands for (\(wrapped)) is missing",
            remedy: "Reinstall the plugin, then wrap it again")
    }
}
