extension LossCause {
    /// What happens, for people.
    package var meaning: String {
        switch self {
        case .noHome: "the other version has no field for it"
        case .unknownField: "the sender's schema is newer than the gateway's, and the field is not known here"
        case .timestampOutOfRange: "a time outside the years 1677 to 2262: the point is dropped, or the cell is null"
        case .cellBeyondHeader: "cells of a row that is longer than the header are dropped"
        case .unknownCellKind: "a cell of an unknown kind makes the result an error"
        case .roundedToDouble: "an integer beside doubles in one column is rounded"
        case .invalidUTF8: "bytes that are not UTF-8 become U+FFFD, or the text is dropped where JSON is needed"
        case .nanToNull: "NaN becomes null"
        case .reordered: "points are put into the order of time"
        case .unusableJSON: "JSON that cannot be read is left out"
        case .firstFrameOnly: "metadata above meta_limit is on the first frame only"
        case .noFreeLabel: "no label key is free to tell the series apart"
        case .reservedKeyTaken: "the data source sets the member __gateway itself, and its value is kept"
        case .timeRangeReplaced: "a query runs with the time range of another one"
        case .unknownValue: "the value is not known here"
        case .formatReplaced: "frames come as Arrow although JSON was asked for"
        case .notMetadata: "the value cannot be sent as gRPC metadata"
        case .duplicateRefID: "a later result with the same refId takes the place of an earlier one"
        case .refIDReassigned: "a result without a requested refId is given to the query that it must belong to"
        case .refIDUnmatched: "a result belongs to no query, and hosts do not look at it"
        case .refIDUnanswered: "the plugin did not answer the query; the host gets an empty answer"
        case .frameMetadata: "metadata of an Arrow file has no place in a JSON frame"
        case .notConverted: "a frame could not be converted to JSON and passed as it came"
        case .malformedReply: "the reply cannot be decoded, and its queries get an error"
        }
    }

    /// Which side must change, and to what, so that nothing is lost.
    package var remedy: String {
        switch self {
        case .noHome: "a version of the plugin that speaks protocol version 2 receives it"
        case .unknownField: "a newer plugin-gateway may know it"
        case .timestampOutOfRange: "the plugin must send milliseconds since 1970"
        case .cellBeyondHeader: "the plugin must send a column for every cell"
        case .unknownCellKind: "the plugin must send one of the kinds of protocol version 1"
        case .roundedToDouble: "the plugin must send one kind for a column"
        case .invalidUTF8: "the sender must send valid UTF-8"
        case .nanToNull: "the operator can set nan: keep"
        case .reordered: "the operator can set sort_points: off, or the plugin can sort"
        case .unusableJSON: "the sender must send valid JSON that nests less deeply"
        case .firstFrameOnly: "the operator can raise meta_limit"
        case .noFreeLabel: "the plugin must give series different tags"
        case .reservedKeyTaken: "the data source's jsonData must not use the member __gateway"
        case .timeRangeReplaced: "the operator can set time_range_policy: split"
        case .unknownValue: "a newer plugin-gateway may know it"
        case .formatReplaced: "the operator can set arrow_on_json_request: false"
        case .notMetadata: "the operator must not name it in forward_metadata, or the value must be printable ASCII"
        case .duplicateRefID: "the plugin must send one result for a refId; the operator can set duplicates: merge"
        case .refIDReassigned, .refIDUnmatched: "the plugin must send the refId that it was asked for"
        case .refIDUnanswered: "the plugin must send a result for every query"
        case .frameMetadata: "the operator can set convert_frames: never"
        case .notConverted: "the plugin must send Arrow files with the types and metadata of the plugin SDK"
        case .malformedReply: "the plugin must send valid protobuf"
        }
    }
}
