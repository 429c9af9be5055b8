internal import Foundation

/// What a plugin's directory says of it: `plugin.json` and the files beside it.
package struct PluginDescription: Sendable, Equatable {
    /// The directory, absolute.
    package let directory: String
    /// The plugin's id as Grafana knows it.
    package let id: String
    /// `datasource`, `app`, `renderer`, `secretsmanager`, `panel`.
    package let type: String
    /// `info.version`, when it is there.
    package let version: String?
    /// The file name of the executable on this platform, as Grafana composes it from `executable`.
    package let executableName: String?
    /// Whether a signature (MANIFEST.txt) covers the files.
    package let isSigned: Bool

    /// A longer `plugin.json` is refused.
    static let maximumSize = 1 << 20

    /// Reads the description of the plugin in `directory`.
    package static func read(directory: String) throws(GatewayError) -> PluginDescription {
        let path = directory + "/plugin.json"
        guard let text = try ConfigurationFile.read(path, required: true, limit: maximumSize) else {
            throw GatewayError(.noInput, "\(path) is missing", remedy: "Name the directory that holds the plugin's plugin.json")
        }
        guard let json = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw GatewayError(.data, "\(path) is not a JSON object", remedy: "Reinstall the plugin")
        }
        guard let id = json["id"] as? String, isPlausibleID(id) else {
            throw GatewayError(.data, "\(path) has no usable \"id\"", remedy: "Reinstall the plugin")
        }
        let executable = json["executable"] as? String
        if let executable,
            executable.isEmpty || executable.contains("/") || executable.utf8.contains(0) || executable.hasPrefix(".")
        {
            throw GatewayError(
                .data, "\(path) names the executable \(DisplayText.quoted(executable)), which is not a plain file name",
                remedy: "Name the directory in which the executable itself lies")
        }
        let manifest = access(directory + "/MANIFEST.txt", F_OK) == 0
        return PluginDescription(
            directory: directory, id: id, type: json["type"] as? String ?? "",
            version: (json["info"] as? [String: Any])?["version"] as? String,
            executableName: executable.map { platformName($0, in: directory) },
            isSigned: manifest)
    }

    /// Letters, digits, dots, dashes and underscores: what Grafana's own ids are made of. It becomes part of file names.
    package static func isPlausibleID(_ id: String) -> Bool {
        let allowed: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        return !id.isEmpty && id.utf8.count <= 200 && id.utf8.allSatisfy(allowed) && !id.hasPrefix(".")
    }

    /// Grafana starts `<executable>_<os>_<arch>`; a renderer's executable has the suffix as well.
    private static func platformName(_ executable: String, in directory: String) -> String {
        #if arch(arm64)
            let architecture = "arm64"
        #else
            let architecture = "amd64"
        #endif
        let composed = "\(executable)_linux_\(architecture)"
        if access("\(directory)/\(composed)", F_OK) != 0, access("\(directory)/\(executable)", F_OK) == 0 { return executable }
        return composed
    }
}
