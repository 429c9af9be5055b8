/// What an operator wants done about a loss.
package enum LossPolicy: String, Sendable, CaseIterable {
    /// It is counted, and that is all.
    case allow
    /// It is counted, and the first one is an event in the journal.
    case warn
    /// What would lose it is an error instead: the request before the plugin is asked, or the refId's answer.
    case refuse
}

/// The policies of one plugin: by path, by the beginning of a path, and for everything else.
package struct LossPolicies: Sendable, Hashable {
    /// For paths that nothing else names.
    package var standard = LossPolicy.warn
    private var paths: [LossPath: LossPolicy] = [:]
    private var prefixes: [String: LossPolicy] = [:]

    /// Warns of everything.
    package init() {}

    /// Sets the policy of a path, or of all paths with a beginning when `pattern` ends in `*`. A later setting replaces an earlier one.
    package mutating func set(_ pattern: String, _ policy: LossPolicy) {
        if pattern.hasSuffix("*") {
            prefixes[String(pattern.dropLast())] = policy
        } else {
            paths[LossPath(pattern)] = policy
        }
    }

    /// The whole path decides, else the longest beginning, else ``standard``.
    package func policy(of path: LossPath) -> LossPolicy {
        if let policy = paths[path] { return policy }
        guard !prefixes.isEmpty else { return standard }
        return prefixes.filter { path.name.hasPrefix($0.key) }.max { $0.key.utf8.count < $1.key.utf8.count }?.value ?? standard
    }

    /// Whether any loss can be refused; most plugins have no such policy.
    package var canRefuse: Bool {
        standard == .refuse || paths.values.contains(.refuse) || prefixes.values.contains(.refuse)
    }
}
