internal import Glibc
internal import Synchronization

/// Where a plugin's executable is looked for by name, before each start: upgrades put new files there.
///
/// Behind a locator there are two names. `<name>` is the locator, which `wrap` put there, until an upgrade overwrites it: then it is the
/// new build. `<name>.wrapped` is the build that was wrapped.
package struct ExecutableSource: Sendable {
    package let directory: String
    /// In the order in which they are looked at.
    let names: [String]
    /// The one of `names` under which a locator may stand.
    let locatorName: String?
    let roots: [String]
    let owner: UInt32?
    /// Whether the file at a path is a locator; nil when it cannot be read, with the reason in errno.
    private let isLocator: @Sendable (String) -> Bool?

    /// - Parameters:
    ///   - configured: the name that the operator chose, in place of both.
    ///   - locatorName: `<name>`, under which the locator stands.
    ///   - isLocator: whether the file at this path, which is open, is a locator; nil when it cannot be read, with the reason in errno.
    ///     Asked once for each file that can be, not on an event loop.
    package init(
        directory: String, locatorName: String, configured: String?, roots: [String], owner: UInt32? = nil,
        isLocator: @escaping @Sendable (String) -> Bool?
    ) {
        self.directory = directory
        self.roots = roots
        self.owner = owner
        self.isLocator = isLocator
        if let configured {
            names = [configured]
            self.locatorName = nil
        } else {
            names = [locatorName, locatorName + PluginExecutable.wrappedSuffix]
            self.locatorName = locatorName
        }
    }

    /// Whether an upgrade put this build in the locator's place.
    package func isUnwrapped(_ executable: PluginExecutable) -> Bool {
        executable.path.split(separator: "/").last.map(String.init) == locatorName
    }

    /// Finds the file that is to be run, with every check of the attach authority. Blocks on the file system.
    ///
    /// - Parameters:
    ///   - rejected: a build that did not work; it is taken only when there is no other.
    ///   - isLenient: takes the build that was wrapped when the one in the locator's place may not be run. Without it that is an error:
    ///     a new build must not be passed over in silence.
    package func find(
        rejecting rejected: PluginExecutable.Identity? = nil, isLenient: Bool = false
    ) throws(AttachRefusal) -> PluginExecutable {
        var second: PluginExecutable?
        var refusal: AttachRefusal?
        for name in names {
            let executable: PluginExecutable
            do {
                executable = try PluginExecutable.open(directory: directory, name: name, roots: roots, owner: owner)
            } catch {
                // That there is nothing in the locator's place is no reason: what was wrapped is what counts then.
                let isMissingLocator = name == locatorName && error.code == .executableMissing
                if !isMissingLocator { refusal = refusal ?? error }
                if name == locatorName, !isMissingLocator, !isLenient { throw error }
                continue
            }
            if try isLocator(executable) {
                if name != locatorName { refusal = refusal ?? Self.isLocator(executable, directory) }
                continue
            }
            if executable.identity != rejected { return executable }
            second = second ?? executable
        }
        if let second { return second }
        throw refusal ?? nothing
    }

    private func isLocator(_ executable: PluginExecutable) throws(AttachRefusal) -> Bool {
        if let known = LocatorMemory.shared.answer(for: executable.identity) { return known }
        guard let answer = isLocator("/proc/self/fd/\(executable.descriptor.raw)") else {
            let number = errno
            guard number != EMFILE, number != ENFILE else { throw .system(number, "reading", executable.path) }
            // What may only be executed is taken for a plugin: a locator can be read by all.
            return false
        }
        LocatorMemory.shared.learn(executable.identity, answer)
        return answer
    }

    private static func isLocator(_ executable: PluginExecutable, _ directory: String) -> AttachRefusal {
        AttachRefusal(
            .isLocator, "\(executable.path) is the locator itself, not the plugin",
            remedy: "reinstall the plugin, then run `plugin-gateway wrap \(directory)`")
    }

    private var nothing: AttachRefusal {
        AttachRefusal(
            .executableMissing, "there is no executable \(directory)/\(names.last ?? "")",
            remedy: "install the plugin again and wrap it (plugin-gateway wrap)")
    }
}

/// Which files are locators: a file is read once in the life of the gateway.
private final class LocatorMemory: Sendable {
    static let shared = LocatorMemory()
    private static let capacity = 256
    private let known = Mutex<[(identity: PluginExecutable.Identity, isLocator: Bool)]>([])

    func answer(for identity: PluginExecutable.Identity) -> Bool? {
        known.withLock { $0.first { $0.identity == identity }?.isLocator }
    }

    func learn(_ identity: PluginExecutable.Identity, _ isLocator: Bool) {
        known.withLock { known in
            if known.count == Self.capacity { known.removeFirst() }
            known.append((identity, isLocator))
        }
    }
}

/// What stands under the names of a source at one moment, without looking into the files.
struct ExecutableSample: Sendable, Equatable {
    private struct File: Equatable {
        var identity: PluginExecutable.Identity
        // What the attach authority may refuse, and somebody mend.
        var mode: mode_t
        var owner: uid_t
    }

    private var files: [File?]

    /// Blocks on the file system.
    init(_ source: ExecutableSource) {
        files = source.names.map { name in
            var status = stat()
            guard lstat("\(source.directory)/\(name)", &status) == 0 else { return nil }
            return File(identity: PluginExecutable.Identity(status), mode: status.st_mode, owner: status.st_uid)
        }
    }

    /// Whether `executable` is one of the files.
    func holds(_ executable: PluginExecutable) -> Bool { files.contains { $0?.identity == executable.identity } }
}
