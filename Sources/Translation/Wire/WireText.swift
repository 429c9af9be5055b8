/// A string off the wire, compared and hashed by its UTF-8 bytes.
///
/// `String` equality is canonical equivalence: "é" as one scalar and as two would be the same dictionary key, while protobuf, Go and Grafana see
/// two. Keys (refIds, labels, secure settings) are therefore of this type.
package struct WireText: Sendable {
    package let string: String

    package init(_ string: String) {
        self.string = string
    }

    package var isEmpty: Bool { string.isEmpty }
}

extension WireText: Hashable {
    package static func == (left: WireText, right: WireText) -> Bool {
        left.string.utf8.elementsEqual(right.string.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
        hasher.combine(0xff as UInt8)
    }
}

extension WireText: Comparable {
    package static func < (left: WireText, right: WireText) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }
}

extension WireText: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) {
        self.init(value)
    }
}

extension WireText: CustomStringConvertible {
    package var description: String { string }
}

extension WireText {
    /// Decodes bytes as UTF-8. Every byte that is not UTF-8 becomes U+FFFD, as in Go, and `repaired` is raised by one.
    init(decoding bytes: UnsafeRawBufferPointer, repaired: inout Int) {
        if bytes.isValidUTF8 {
            string = String(decoding: bytes, as: UTF8.self)
        } else {
            repaired += 1
            string = String(decoding: bytes.repairedUTF8(), as: UTF8.self)
        }
    }
}
