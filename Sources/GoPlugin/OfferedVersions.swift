/// The major versions of the plugin protocol that a host offers in `PLUGIN_PROTOCOL_VERSIONS`.
package struct OfferedVersions: Sendable, Equatable {
    package static let variable = "PLUGIN_PROTOCOL_VERSIONS"

    /// More than anybody offers; what follows is ignored.
    package static let maximumCount = 64

    package var versions: [Int]

    package init(_ versions: [Int]) {
        self.versions = versions
    }

    /// Reads a list such as `1,2`. What is no number is skipped, as go-plugin does; doubles are kept once.
    package init(parsing text: String) {
        var versions: [Int] = []
        for part in text.utf8.split(separator: UInt8(ascii: ","), maxSplits: Self.maximumCount) {
            let digits = part.filter { $0 != 0x20 && $0 != 0x09 }
            guard !digits.isEmpty, digits.count <= 9, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { continue }
            let version = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            if !versions.contains(version) { versions.append(version) }
        }
        self.versions = versions
    }

    package var printed: String { versions.map(String.init).joined(separator: ",") }

    package func contains(_ version: Int) -> Bool { versions.contains(version) }
}
