/// One translator: it answers a host of one major version with a plugin of another.
package struct TranslationStep: Sendable, Hashable {
    /// Major version on the host's side.
    package var host: Int
    /// Major version on the plugin's side.
    package var plugin: Int

    /// Every translator there is. Longer ways are composed of these.
    package static let available = [TranslationStep(host: 2, plugin: 1)]
}

extension TranslationStep: CustomStringConvertible {
    package var description: String { "v\(host)→v\(plugin)" }
}

/// How calls get from a host of one major version to a plugin of another, and why so.
package struct TranslationPath: Sendable, Equatable {
    package enum Mode: String, Sendable {
        /// Same version: bytes pass untouched.
        case relayed
        case translated
        case impossible
    }

    package var host: Int
    package var plugin: Int
    /// In the direction of a request; empty unless ``mode`` is `translated`.
    package var steps: [TranslationStep]
    package var mode: Mode
    /// One sentence for people, such as `host 2 → plugin 1: translated through v2→v1`.
    package var reason: String

    /// The shortest way through the translators there are.
    package static func choose(host: Int, plugin: Int) -> TranslationPath {
        choose(host: host, plugin: plugin, through: TranslationStep.available)
    }

    static func choose(host: Int, plugin: Int, through available: [TranslationStep]) -> TranslationPath {
        let pair = "host \(host) → plugin \(plugin)"
        if host == plugin {
            return TranslationPath(host: host, plugin: plugin, steps: [], mode: .relayed, reason: "\(pair): relayed")
        }
        if let steps = shortest(from: host, to: plugin, available) {
            let through = steps.map(\.description).joined(separator: ", ")
            return TranslationPath(
                host: host, plugin: plugin, steps: steps, mode: .translated, reason: "\(pair): translated through \(through)")
        }
        let reachable = reachable(from: host, available)
        let versions = reachable.map(String.init).joined(separator: " or ")
        let remedy =
            "the plugin must offer protocol version \(versions), or the gateway needs a translator from \(host) to \(plugin)"
        return TranslationPath(
            host: host, plugin: plugin, steps: [], mode: .impossible,
            reason: "\(pair): impossible, no translator leads there; \(remedy)")
    }

    /// Every version that a plugin may speak for a host of version `host`, newest first.
    package static func reachable(from host: Int) -> [Int] {
        reachable(from: host, TranslationStep.available)
    }

    private static func reachable(from host: Int, _ available: [TranslationStep]) -> [Int] {
        var versions: Set<Int> = [host]
        var frontier = [host]
        while let version = frontier.popLast() {
            for step in available where step.host == version && versions.insert(step.plugin).inserted {
                frontier.append(step.plugin)
            }
        }
        return versions.sorted(by: >)
    }

    private static func shortest(from host: Int, to plugin: Int, _ available: [TranslationStep]) -> [TranslationStep]? {
        var ways: [[TranslationStep]] = available.filter { $0.host == host }.map { [$0] }
        var seen: Set<Int> = [host]
        while !ways.isEmpty {
            if let way = ways.first(where: { $0.last?.plugin == plugin }) { return way }
            ways = ways.flatMap { way -> [[TranslationStep]] in
                guard let end = way.last?.plugin, seen.insert(end).inserted else { return [] }
                return available.filter { $0.host == end }.map { way + [$0] }
            }
        }
        return nil
    }
}
