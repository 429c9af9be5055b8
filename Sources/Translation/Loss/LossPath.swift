/// What was lost: the full name of a protobuf field, such as `pluginv2.QueryDataRequest.headers`.
///
/// A path never holds data (no header name, no label, no value), so it can go into logs and metrics.
package struct LossPath: Sendable, Hashable {
    package let name: String

    package init(_ name: String) {
        self.name = name
    }

    /// A field that the schema here does not know, named by its number.
    package static func unknown(_ number: UInt32, in message: String) -> LossPath {
        LossPath("\(message).#\(number)")
    }
}

extension LossPath: CustomStringConvertible {
    package var description: String { name }
}

extension LossPath: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) {
        self.init(value)
    }
}
