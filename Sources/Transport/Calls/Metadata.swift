internal import NIOHPACK

/// The metadata of a call: ordered pairs of a lower-case name and a value, names may repeat.
///
/// Pseudo-headers and the names gRPC reserves for itself (`grpc-…`, `te`, `content-type`) never appear here. Values of names
/// that end in `-bin` are base64 text as on the wire; ``appendBinary(_:forName:)`` and ``binary(_:)`` convert.
/// Values may be secrets: ``description`` names the keys only.
package struct Metadata: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package private(set) var entries: [Entry]

    package init() {
        self.entries = []
    }

    /// Creates metadata from pairs; names are made lower-case.
    package init(_ pairs: [(String, String)]) {
        self.entries = pairs.map { Entry(name: $0.0.lowercased(), value: $0.1) }
    }

    package var isEmpty: Bool { self.entries.isEmpty }
    package var count: Int { self.entries.count }

    /// The first value of `name`, which must be lower-case.
    package func first(_ name: String) -> String? {
        for entry in self.entries where entry.name == name {
            return entry.value
        }
        return nil
    }

    /// Every value of `name` in order of appearance.
    package func all(_ name: String) -> [String] {
        var values: [String] = []
        for entry in self.entries where entry.name == name {
            values.append(entry.value)
        }
        return values
    }

    package mutating func append(_ name: String, _ value: String) {
        self.entries.append(Entry(name: name.lowercased(), value: value))
    }

    package mutating func append(contentsOf other: Metadata) {
        self.entries.append(contentsOf: other.entries)
    }

    package mutating func removeAll(_ name: String) {
        self.entries.removeAll { $0.name == name }
    }

    /// Appends bytes under a name that must end in `-bin`.
    package mutating func appendBinary(_ bytes: [UInt8], forName name: String) {
        precondition(name.hasSuffix("-bin"), "binary metadata needs a name that ends in -bin")
        self.append(name, Base64.encode(bytes))
    }

    /// The decoded values of a `-bin` name. A value that is not base64 is left out; several values joined by a comma are split,
    /// as the gRPC specification allows.
    package func binary(_ name: String) -> [[UInt8]] {
        self.all(name).flatMap { value in
            value.split(separator: ",").compactMap { Base64.decode($0.utf8) }
        }
    }
}

extension Metadata: Sequence {
    package func makeIterator() -> IndexingIterator<[Entry]> {
        self.entries.makeIterator()
    }
}

extension Metadata: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements)
    }
}

extension Metadata: CustomStringConvertible, CustomReflectable {
    /// The names, never the values.
    package var description: String {
        "Metadata(" + self.entries.map(\.name).joined(separator: ", ") + ")"
    }

    package var customMirror: Mirror {
        Mirror(self, children: ["names": self.entries.map(\.name)])
    }
}

extension Metadata {
    /// Whether a header belongs to gRPC or HTTP/2 and not to the application.
    static func isReserved(_ name: String) -> Bool {
        let bytes = name.utf8
        switch bytes.first {
        case UInt8(ascii: ":"):
            return true
        case UInt8(ascii: "g"):
            return name.hasPrefix("grpc-")
        case UInt8(ascii: "t"):
            return name == "te" || name == "transfer-encoding"
        case UInt8(ascii: "c"):
            return name == "content-type" || name == "connection" || name == "content-length"
        case UInt8(ascii: "k"):
            return name == "keep-alive"
        case UInt8(ascii: "p"):
            return name == "proxy-connection"
        case UInt8(ascii: "u"):
            return name == "upgrade"
        case UInt8(ascii: "h"):
            return name == "host"
        default:
            return false
        }
    }

    /// The application's part of a header block.
    init(_ headers: HPACKHeaders) {
        self.init()
        for (name, value, _) in headers where !Self.isReserved(name) {
            self.entries.append(Entry(name: name, value: value))
        }
    }
}

extension HPACKHeaders {
    /// Adds metadata, leaving out what only the transport may set, and what HTTP/2 could not carry.
    mutating func add(_ metadata: Metadata) {
        for entry in metadata.entries where !Metadata.isReserved(entry.name) && HeaderText.isValid(entry) {
            self.add(name: entry.name, value: entry.value)
        }
    }
}

/// What a header field may hold (RFC 9113 § 8.2.1).
enum HeaderText {
    static func isValid(_ entry: Metadata.Entry) -> Bool {
        !entry.name.isEmpty && entry.name.utf8.allSatisfy(self.isNameByte) && entry.value.utf8.allSatisfy(self.isValueByte)
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        byte != 0 && byte != 0x0A && byte != 0x0D
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            return true
        default:
            return false
        }
    }
}
