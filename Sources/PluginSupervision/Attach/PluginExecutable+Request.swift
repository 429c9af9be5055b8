/// What an attach request may say, before any file is touched.
extension PluginExecutable {
    private static let maximumPathBytes = 4095
    private static let maximumNameBytes = 255

    /// The parts of an absolute directory.
    static func directoryParts(_ directory: String) throws(AttachRefusal) -> [Substring] {
        func refuse(_ reason: String) -> AttachRefusal {
            AttachRefusal(
                .directoryMalformed, "the plugin directory \(quoted(directory)) \(reason)",
                remedy: "the locator must send the absolute directory it lies in")
        }
        guard directory.utf8.first == UInt8(ascii: "/") else { throw refuse("is no absolute path") }
        guard directory.utf8.count <= maximumPathBytes else { throw refuse("is too long") }
        guard !directory.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { throw refuse("contains control characters") }
        let parts = directory.split(separator: "/")
        guard !parts.contains(where: { $0 == "." || $0 == ".." }) else { throw refuse("contains `.` or `..`") }
        guard parts.allSatisfy({ $0.utf8.count <= maximumNameBytes }) else { throw refuse("has an over-long part") }
        return parts
    }

    /// The parts of an executable's name.
    static func nameParts(_ name: String) throws(AttachRefusal) -> [Substring] {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let plain = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.count <= maximumNameBytes
                && !part.utf8.contains { $0 < 0x20 || $0 == 0x7F }
        }
        guard plain, name.utf8.count <= maximumPathBytes else {
            throw AttachRefusal(
                .nameMalformed, "\(quoted(name)) is no name of an executable in the plugin's directory",
                remedy: "name the executable relative to the plugin's directory, without `.`, `..` and control characters")
        }
        return parts
    }

    /// The root that holds the directory, opened, and the way below it.
    static func rootHolding(
        _ parts: [Substring], directory: String, among roots: [String]
    ) throws(AttachRefusal) -> (PluginRoot, [Substring]) {
        guard !roots.isEmpty else {
            throw AttachRefusal(
                .noRoots, "the gateway has no plugin root, so no plugin may be attached",
                remedy: "set `plugin_roots` in the gateway's configuration")
        }
        var unusable: AttachRefusal?
        for configured in roots {
            // One broken root must not shut out the plugins of the others.
            let root: PluginRoot
            do { root = try PluginRoot.open(configured) } catch {
                unusable = unusable ?? error
                continue
            }
            if let below = root.remainder(of: parts) { return (root, below) }
        }
        if let unusable, roots.count == 1 || unusable.code == .outOfDescriptors { throw unusable }
        throw AttachRefusal(
            .outsideRoots,
            "the plugin directory \(quoted(directory)) lies beneath none of the plugin roots (\(roots.joined(separator: ", ")))"
                + (unusable.map { "; \($0.message)" } ?? ""),
            remedy: "add the directory above it to `plugin_roots` in the gateway's configuration, or move the plugin")
    }

    /// Bounded and printable, since it comes from a socket.
    private static func quoted(_ text: String) -> String {
        LogText.sanitised(text.utf8.prefix(200), keepingLines: false)
    }
}
