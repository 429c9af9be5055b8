/// Why bytes are not a valid protobuf message, and where.
///
/// Offsets count from the first byte of the outermost message, so that a person with a hex dump finds the place.
package struct WireError: Error, Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        case truncatedVarint = "a varint is cut off"
        case overlongVarint = "a varint is longer than 64 bits"
        case truncatedFixed = "a fixed-size value is cut off"
        case lengthBeyondMessage = "a length points beyond its message"
        case invalidFieldNumber = "a field number is out of range"
        case invalidWireType = "a wire type is unknown"
        case unmatchedGroupEnd = "a group ends that was not opened"
        case unfinishedGroup = "a group is not closed"
        case nestingTooDeep = "groups are nested too deeply"
        case tooManyParts = "there are too many results, series, tables or columns with hardly anything in them"
        case endsTooEarly = "the message ends before it is complete"
    }

    package var code: Code
    /// Byte offset of the value that could not be read.
    package var offset: Int
}

extension WireError: CustomStringConvertible {
    package var description: String { "\(code.rawValue) at byte \(offset)" }
}
