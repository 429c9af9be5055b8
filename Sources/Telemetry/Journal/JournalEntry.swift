/// One journal entry, ready to be sent: `NAME=value` fields in one buffer, all bounds kept.
///
/// At most ``maximumFields`` fields; a value longer than ``maximumValueBytes`` is cut at a character and marked; a field with an
/// invalid name (``FieldName``) is left out and counted in ``leftOutFields``.
package struct JournalEntry: Sendable {
    package static let maximumFields = 64
    package static let maximumValueBytes = 16 * 1024

    struct Field: Sendable {
        var start: Int
        var nameLength: Int
        var end: Int
    }

    package let priority: JournalPriority
    /// Wall-clock time at which the entry was made, in microseconds since 1970.
    let timestamp: Int64
    /// The message without the values that stand in fields too, where that is another text: for a reader who sees all fields.
    let plainMessage: String?
    private(set) var buffer: [UInt8] = []
    private(set) var fields: [Field] = []
    /// Fields that were refused: an invalid name, or one more than the limit.
    package private(set) var leftOutFields = 0

    /// - Parameters:
    ///   - message: for people; one line.
    ///   - event: what kind of event this is; adds MESSAGE_ID and PLUGIN_GATEWAY_EVENT.
    ///   - plainMessage: the message for a reader who sees all fields anyway; nil when it is the same.
    package init(_ priority: JournalPriority, _ message: String, event: EventKind? = nil, plainMessage: String? = nil) {
        self.priority = priority
        self.plainMessage = plainMessage
        timestamp = WallClock.microseconds()
        buffer.reserveCapacity(256 + min(message.utf8.count, Self.maximumValueBytes))
        fields.reserveCapacity(16)
        append("MESSAGE", message)
        append("PRIORITY", String(priority.rawValue))
        append("SYSLOG_IDENTIFIER", "plugin-gateway")
        if let event {
            append("MESSAGE_ID", event.messageID)
            append(.event, event.rawValue)
        }
    }

    package mutating func append(_ key: LogKey, _ value: String) {
        append(key.rawValue, value)
    }

    package mutating func append(_ key: LogKey, _ value: some BinaryInteger) {
        append(key.rawValue, String(value))
    }

    package mutating func append(_ name: String, _ value: String) {
        guard fields.count < Self.maximumFields, FieldName.isValid(name) else {
            leftOutFields += 1
            return
        }
        let start = buffer.count
        buffer.append(contentsOf: name.utf8)
        let nameLength = buffer.count - start
        buffer.append(UInt8(ascii: "="))
        let length = value.utf8.count
        if length <= Self.maximumValueBytes {
            buffer.append(contentsOf: value.utf8)
        } else {
            let mark = "… [cut, \(length) bytes]"
            var end = value.utf8.index(value.startIndex, offsetBy: Self.maximumValueBytes - mark.utf8.count)
            while value.utf8[end] & 0xC0 == 0x80, end > value.startIndex { end = value.utf8.index(before: end) }
            buffer.append(contentsOf: value.utf8[..<end])
            buffer.append(contentsOf: mark.utf8)
        }
        fields.append(Field(start: start, nameLength: nameLength, end: buffer.count))
    }

    /// What the entry occupies while it waits, in bytes.
    var size: Int { buffer.count + fields.count * MemoryLayout<Field>.stride + MemoryLayout<Self>.stride }

    func name(_ field: Field) -> String {
        String(decoding: buffer[field.start..<(field.start + field.nameLength)], as: UTF8.self)
    }

    func value(_ field: Field) -> String {
        String(decoding: buffer[(field.start + field.nameLength + 1)..<field.end], as: UTF8.self)
    }
}
