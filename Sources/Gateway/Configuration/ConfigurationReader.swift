internal import Yams

/// Walks the nodes of one YAML file along the known keys.
struct ConfigurationReader {
    let file: String

    func read(_ root: Node, into configuration: inout Configuration) throws(GatewayError) {
        for (key, node) in try mapping(root, "the file") {
            switch key.text {
            case "plugins":
                for (id, settings) in try mapping(node, "plugins") {
                    configuration.plugins[id.text] = try plugin(settings, id: id.text)
                    for (key, node) in try mapping(settings, "") {
                        configuration.written["plugins.\(id.text).\(key.text)"] = value(node).canonicalText
                    }
                }
            case let section where ConfigurationKey.sections.contains(section):
                for (inner, value) in try mapping(node, section) {
                    try set("\(section).\(inner.text)", at: inner, value, &configuration)
                }
            default: try set(key.text, at: key, node, &configuration)
            }
        }
    }

    private func set(_ path: String, at key: Key, _ node: Node, _ configuration: inout Configuration) throws(GatewayError) {
        guard let known = ConfigurationKey.byPath[path] else {
            throw unknown(path, key, ConfigurationKey.all.map(\.path) + ["plugins"])
        }
        do {
            try known.apply(value(node), &configuration)
        } catch {
            throw mismatch(path, node, key, error)
        }
        configuration.written[path] = value(node).canonicalText
    }

    private func plugin(_ node: Node, id: String) throws(GatewayError) -> PluginConfiguration {
        var plugin = PluginConfiguration()
        for (key, node) in try mapping(node, "plugins.\(id)") {
            let path = "plugins.\(DisplayText.plain(id)).\(key.text)"
            guard let known = PluginKey.byName[key.text] else {
                throw unknown(path, key, PluginKey.all.map { "plugins.\(DisplayText.plain(id)).\($0.name)" })
            }
            if key.text == PluginKey.losses, case .mapping = node {
                plugin.translation.losses = try losses(node, path)
                continue
            }
            do {
                try known.apply(value(node), &plugin)
            } catch {
                throw mismatch(path, node, key, error)
            }
        }
        return plugin
    }

    // MARK: Nodes

    /// A key as it stands in the file.
    struct Key {
        let text: String
        let line: Int
    }

    func mapping(_ node: Node, _ name: String) throws(GatewayError) -> [(Key, Node)] {
        if case .scalar(let scalar) = node, scalar.string.isEmpty || scalar.string == "null" || scalar.string == "~" { return [] }
        guard case .mapping(let mapping) = node else {
            throw GatewayError(
                .configuration, "\(file):\(node.mark?.line ?? 1): \(DisplayText.plain(name)) is not a mapping",
                remedy: "Write keys with values below it, one a line, indented")
        }
        var pairs: [(Key, Node)] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                throw GatewayError(
                    .configuration, "\(file):\(key.mark?.line ?? 1): a key is not a text", remedy: "Write a plain word as the key"
                )
            }
            pairs.append((Key(text: scalar.string, line: key.mark?.line ?? 1), value))
        }
        return pairs
    }

    func value(_ node: Node) -> ConfigurationValue {
        switch node {
        case .scalar(let scalar): return .scalar(scalar.string)
        case .sequence(let sequence):
            var items: [String] = []
            for item in sequence {
                guard case .scalar(let scalar) = item else { return .other("a nested list") }
                items.append(scalar.string)
            }
            return .list(items)
        case .mapping(let mapping):
            var members: [String: String] = [:]
            for (key, value) in mapping {
                guard case .scalar(let key) = key, case .scalar(let value) = value else { return .other("a nested mapping") }
                members[key.string] = value.string
            }
            return .mapping(members)
        default: return .other("an alias")
        }
    }

    // MARK: Errors

    private func unknown(_ path: String, _ key: Key, _ known: [String]) -> GatewayError {
        let near = known.min { EditDistance.between($0, path) < EditDistance.between($1, path) }
        let hint = near.flatMap { EditDistance.between($0, path) <= 4 ? "Did you mean \($0)? " : nil } ?? ""
        return GatewayError(
            .configuration, "\(file):\(key.line): unknown key \(DisplayText.quoted(path))",
            remedy: "\(hint)Remove it or use one of the keys in docs/configuration.md")
    }

    func mismatch(_ path: String, _ node: Node, _ key: Key, _ mismatch: ConfigurationValue.Mismatch) -> GatewayError {
        GatewayError(
            .configuration, "\(file):\(node.mark?.line ?? key.line): the value of \(path) does not fit",
            remedy: "Set \(path) to \(mismatch.expected)")
    }
}

/// How many letters two names differ in, to name the key that was meant.
enum EditDistance {
    static func between(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(64)), right = Array(right.utf8.prefix(64))
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[right.count]
    }
}
