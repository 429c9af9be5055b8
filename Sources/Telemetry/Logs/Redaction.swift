internal import Logging

/// Keeps the values of telling metadata keys out of the log.
///
/// This is the last net, not the rule: settings, headers and environment must not be given to a logger at all.
package enum Redaction {
    static let replacement = "[redacted]"
    private static let telling = [
        "authorization", "cookie", "token", "secret", "password", "passwd", "passphrase", "apikey", "privatekey", "credential",
        "securejson",
        "jwt",
    ]

    /// Whether values under this key are withheld; letters only, in any case, count: `X-API-Key` is `apikey`.
    package static func isSecret(_ key: String) -> Bool {
        let letters = key.lowercased().filter(\.isLetter)
        return letters.contains("environment") || namesSecret(letters)
    }

    /// Whether a name of a plugin's or the environment's own promises a secret. "environment" does not: plugins say `environment=prod`.
    static func namesSecret(_ name: some StringProtocol) -> Bool {
        let letters = name.lowercased().filter(\.isLetter)
        return telling.contains { letters.contains($0) }
    }

    /// The text of a metadata value, with everything below a telling key replaced.
    static func text(_ value: Logger.Metadata.Value, key: String) -> String {
        isSecret(key) ? replacement : text(value, depth: 0)
    }

    private static func text(_ value: Logger.Metadata.Value, depth: Int) -> String {
        switch value {
        case .string(let string): return string
        case .stringConvertible(let convertible): return convertible.description
        case .array(let values):
            if depth > 8 { return "…" }
            return "[" + values.map { text($0, depth: depth + 1) }.joined(separator: ", ") + "]"
        case .dictionary(let dictionary):
            if depth > 8 { return "…" }
            let pairs = dictionary.sorted { $0.key < $1.key }.map { key, value in
                "\(key)=\(isSecret(key) ? replacement : text(value, depth: depth + 1))"
            }
            return "{" + pairs.joined(separator: ", ") + "}"
        }
    }
}
