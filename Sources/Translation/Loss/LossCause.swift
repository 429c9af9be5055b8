/// Why something did not arrive as it was sent.
package enum LossCause: String, Sendable, CaseIterable {
    /// The other version has no field for it.
    case noHome = "no-home"
    /// The sender's schema is newer than the one here.
    case unknownField = "unknown-field"
    /// A time that nanoseconds since 1970 in 64 bits cannot express; the point is dropped or the cell is null.
    case timestampOutOfRange = "timestamp-out-of-range"
    /// A row has more cells than the table has columns.
    case cellBeyondHeader = "cell-beyond-header"
    /// A cell of an unknown kind makes the whole result an error.
    case unknownCellKind = "unknown-cell-kind"
    /// An integer that a double cannot hold exactly.
    case roundedToDouble = "rounded-to-double"
    /// Text that was not UTF-8; the bad bytes became U+FFFD.
    case invalidUTF8 = "invalid-utf8"
    /// NaN became null because the configuration says so.
    case nanToNull = "nan-to-null"
    /// Points were put into another order because the configuration says so.
    case reordered
    /// JSON that cannot be read (or nests too deeply, or has numbers beyond a double) was ignored.
    case unusableJSON = "unusable-json"
    /// Too large to repeat: only the first frame carries it.
    case firstFrameOnly = "first-frame-only"
    /// Series that share all labels and for which no label key is free.
    case noFreeLabel = "no-free-label"
    /// The data source sets the reserved key itself, and its value was kept.
    case reservedKeyTaken = "reserved-key-taken"
    /// A time range was replaced by another one because the configuration says so.
    case timeRangeReplaced = "time-range-replaced"
    /// The value is not one that this gateway knows.
    case unknownValue = "unknown-value"
    /// The answer has another format than the one asked for because the configuration says so.
    case formatReplaced = "format-replaced"
    /// The value cannot be sent as gRPC metadata (not printable ASCII, or a reserved name).
    case notMetadata = "not-metadata"
    /// A later result with the same refId replaced an earlier one.
    case duplicateRefID = "duplicate-refid"
    /// A result without refId, or with one that nobody asked for, was given to the query it must belong to.
    case refIDReassigned = "refid-reassigned"
    /// A result that belongs to no query; a host does not look at it.
    case refIDUnmatched = "refid-unmatched"
    /// A query that the plugin did not answer.
    case refIDUnanswered = "refid-unanswered"
    /// Metadata of an Arrow file that data frames have no property for.
    case frameMetadata = "frame-metadata"
    /// A frame that could not be converted; it passed as it came.
    case notConverted = "not-converted"
    /// The reply could not be decoded.
    case malformedReply = "malformed-reply"
}

extension LossCause: CustomStringConvertible {
    package var description: String { rawValue }
}
