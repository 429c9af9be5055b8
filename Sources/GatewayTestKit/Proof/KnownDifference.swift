/// Where the gateway and a protobuf library may legitimately part, each with its reason (docs/decisions/0003).
///
/// None of these is skipped: the proofs say what has to come out instead, and count how often they met it.
package enum KnownDifference: String, Sendable, CaseIterable {
    /// proto3 text must be UTF-8, and libraries reject a message with other text. Plugins in other languages than Go send it all the same, and
    /// one bad label must not cost the whole answer. Every byte that is not UTF-8 becomes U+FFFD, with an entry. The reference then reads
    /// the message with the text repaired by other code.
    case invalidUTF8 = "text that is not UTF-8"

    /// "é" has two spellings, which are one key of a Swift dictionary and two to Go, Grafana and the wire. SwiftProtobuf merges them, the
    /// gateway does not. The reference reads such keys spelled out in ASCII.
    case accentedKeys = "map keys beyond ASCII"

    /// Entries of maps are messages; libraries drop what they do not know in one. The gateway enters it like every unknown field.
    case unknownInEntry = "unknown fields in entries of maps"

    /// A key that occurs twice has one value for a library. Where the gateway only counts what it loses, it counts entries.
    case repeatedKeys = "map keys that occur twice"

    /// How many unknown groups may be open at once: 64 in the gateway, 100 in libraries. No schema has groups. Deeper is an error of the message.
    case deepGroups = "groups nested beyond 64"

    /// A varint of ten bytes can say more than 64 bits. SwiftProtobuf and libprotobuf cut it off in silence, Go refuses the message, and so
    /// does the gateway.
    case wideVarint = "varints beyond 64 bits"

    /// A tag can be written in ten bytes. Go reads such tags and so does the gateway; libprotobuf and SwiftProtobuf want at most five.
    case longTags = "tags of more than five bytes"

    /// A tag of five bytes can say more than 32 bits. libprotobuf cuts it off and may find a field that nobody sent; the gateway refuses the message,
    /// as Go and SwiftProtobuf do.
    case wideTags = "tags beyond 32 bits"

    /// A length, too; there SwiftProtobuf agrees with Go, and libprotobuf alone wants five.
    case longLengths = "lengths of more than five bytes"

    /// SwiftProtobuf loses its way in an entry of a map whose key or value has another type than the schema says, and refuses or misreads the
    /// message. Every other library skips such a field, and the gateway does, with an entry.
    case foreignTypeInEntry = "keys and values of maps that have another type"

    /// JSON has no NaN with a payload: a NaN that came as any bits is the usual one in a JSON frame.
    case nanPayload = "NaN with a payload in JSON"

    /// A cell of a JSON column that is no JSON is null in a JSON frame; the plugin SDK shows the Arrow frame so, too.
    case brokenJSONCell = "cells of JSON columns that are no JSON"

    /// The ledger has a bound on its entries; behind it only causes are told apart.
    case ledgerOverflow = "more kinds of losses than a ledger keeps apart"
}
