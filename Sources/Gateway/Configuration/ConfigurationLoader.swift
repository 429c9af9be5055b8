package import Yams

/// Reads the configuration: defaults, then the file, then environment variables.
///
/// The whole file is checked before anything of it counts; an error names file, line, key and remedy.
package struct ConfigurationLoader {
    /// Where the file is looked for when none is named. It need not exist.
    package static let defaultFile = "/etc/plugin-gateway/config.yaml"
    /// A longer file is refused unread.
    static let maximumFileSize = 1 << 20

    /// Variables with our prefix that are not configuration keys.
    static let otherVariables: Set<String> = [
        "PLUGIN_GATEWAY_SOCKET", "PLUGIN_GATEWAY_CONFIG", "PLUGIN_GATEWAY_ATTACH_TIMEOUT", "PLUGIN_GATEWAY_LOCATOR",
        "PLUGIN_GATEWAY_BIN_DIR",
    ]

    /// Loads the configuration.
    ///
    /// - Parameters:
    ///   - file: the file named on the command line; nil looks for ``defaultFile`` and is content without it.
    ///   - environment: the process's environment.
    /// - Returns: the configuration, and remarks that are no errors (a variable with our prefix that nothing reads).
    package static func load(file: String?, environment: [String: String]) throws(GatewayError) -> (
        Configuration, remarks: [String]
    ) {
        var configuration = Configuration()
        let named = file ?? environment["PLUGIN_GATEWAY_CONFIG"]
        if let text = try ConfigurationFile.read(named ?? defaultFile, required: named != nil, limit: maximumFileSize) {
            try apply(yaml: text, file: named ?? defaultFile, to: &configuration)
        }
        let remarks = try apply(environment: environment, to: &configuration)
        return (configuration, remarks)
    }

    static func apply(environment: [String: String], to configuration: inout Configuration) throws(GatewayError) -> [String] {
        var known = otherVariables
        for key in ConfigurationKey.all {
            known.insert(key.environmentVariable)
            guard let text = environment[key.environmentVariable] else { continue }
            do {
                try key.apply(.scalar(text), &configuration)
                configuration.written[key.path] = text
            } catch {
                throw GatewayError(
                    .configuration, "the environment variable \(key.environmentVariable) has a value that does not fit",
                    remedy: "Set it to \(error.expected), or unset it")
            }
        }
        return environment.keys.filter { $0.hasPrefix("PLUGIN_GATEWAY_") && !known.contains($0) }.sorted()
            .map { "the environment variable \($0) is not a configuration key and is ignored" }
    }

    package static func apply(yaml: String, file: String, to configuration: inout Configuration) throws(GatewayError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw syntaxError(error, file: file)
        } catch {
            throw GatewayError(.configuration, "\(file): not readable as YAML", remedy: "Mend the file's syntax")
        }
        guard let root, root != Node("") else { return }
        let reader = ConfigurationReader(file: file)
        try reader.read(root, into: &configuration)
    }

    private static func syntaxError(_ error: YamlError, file: String) -> GatewayError {
        let (line, problem): (Int?, String) =
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                (mark.line, problem)
            case .duplicatedKeysInMapping(let duplicates, let context):
                (context.mark.line, "the key \(duplicates.first.map { DisplayText.quoted($0) } ?? "") stands twice")
            default: (nil, "not YAML")
            }
        return GatewayError(
            .configuration, "\(file)\(line.map { ":\($0)" } ?? ""): \(DisplayText.plain(problem))",
            remedy: "Mend the file's YAML syntax; then `plugin-gateway reload`, or start the gateway")
    }
}
