/// Values that are known to be secret, kept in memory only, to be masked wherever they stand in a text.
package struct SecretValues: Sendable {
    private static let maximumCount = 64
    /// A shorter value would be found in innocent words.
    private static let shortest = 6
    private static let longest = 8 * 1024

    /// The longest first, since one may hold another.
    private let values: [[UInt8]]

    /// The values of those variables whose names promise a secret, such as `GF_SECURITY_ADMIN_PASSWORD`.
    package init(environment: [(String, String)]) {
        let telling = environment.lazy.filter { Redaction.namesSecret($0.0) }.map { Array($0.1.utf8) }
            .filter { (Self.shortest...Self.longest).contains($0.count) }
        values = Array(telling.sorted { $0.count > $1.count }.prefix(Self.maximumCount))
    }

    /// The text with every known value in it masked, and what looks like a secret too.
    package func masked(_ text: String) -> String {
        guard !values.isEmpty else { return Redaction.line(text) }
        var bytes = Array(text.utf8)
        for value in values { bytes = Self.replaced(value, in: bytes) ?? bytes }
        return Redaction.line(String(decoding: bytes, as: UTF8.self))
    }

    /// Nil when the value is not there.
    private static func replaced(_ value: [UInt8], in bytes: [UInt8]) -> [UInt8]? {
        guard let first = value.first, bytes.count >= value.count else { return nil }
        var out: [UInt8] = []
        var copied = 0
        var position = 0
        while position + value.count <= bytes.count {
            if bytes[position] == first, bytes[position..<(position + value.count)].elementsEqual(value) {
                out.append(contentsOf: bytes[copied..<position])
                out.append(contentsOf: Redaction.replacement.utf8)
                position += value.count
                copied = position
            } else {
                position += 1
            }
        }
        return copied == 0 ? nil : out + bytes[copied...]
    }
}

extension SecretValues: CustomStringConvertible, CustomReflectable {
    package var description: String { "SecretValues(\(values.count) withheld)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
