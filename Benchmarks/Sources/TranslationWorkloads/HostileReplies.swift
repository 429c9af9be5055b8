/// Replies of a plugin that wants the gateway's memory: as many parts as their bytes can hold, and hardly anything in them.
package enum HostileReplies {
    package struct Reply: Sendable {
        package let name: String
        package let bytes: [UInt8]
    }

    /// Bytes of each reply, about. So many that what a reply may hold besides weighs little.
    private static let size = 2 << 20
    /// As many parts of two bytes as are free.
    private static let free = 19_990

    package static var all: [Reply] {
        let noName = delimited(1, [])
        let point = delimited(3, [])
        let cell = delimited(1, [])
        // Just enough for a series that is no longer free, with a name that does not fit into a `String` itself.
        let named = delimited(4, delimited(1, Array(repeating: 0x61, count: 16)))
        let pointed = delimited(4, delimited(1, Array(repeating: 0x61, count: 14)) + point)
        let tabled = delimited(5, delimited(1, delimited(1, Array(repeating: 0x61, count: 24))))
        // In every place of which there may be many: nothing, and the least that makes the gateway keep something.
        return [
            Reply(name: "free-results", bytes: repeated(delimited(1, []), free)),
            Reply(name: "free-series", bytes: delimited(1, repeated(delimited(4, []), free))),
            Reply(name: "free-series-of-one-point", bytes: delimited(1, repeated(delimited(4, point), 2 * free))),
            Reply(name: "free-tables", bytes: delimited(1, repeated(delimited(5, []), free))),
            Reply(name: "free-series-with-large-meta", bytes: delimited(1, repeated(delimited(4, []), free) + meta)),
            Reply(
                name: "free-series-with-large-id",
                bytes: delimited(1, repeated(delimited(4, []), free) + identity) + delimited(1, [])),
            Reply(name: "paid-results", bytes: repeated(delimited(1, delimited(2, Array(repeating: 0x61, count: 16))))),
            Reply(name: "paid-series", bytes: delimited(1, repeated(named))),
            Reply(name: "paid-series-of-one-point", bytes: delimited(1, repeated(pointed))),
            Reply(name: "paid-tables-of-one-column", bytes: delimited(1, repeated(tabled))),
            Reply(name: "results", bytes: repeated(delimited(1, []))),
            Reply(name: "results-with-a-series", bytes: repeated(delimited(1, delimited(4, [])))),
            Reply(name: "series", bytes: delimited(1, repeated(delimited(4, [])))),
            Reply(name: "series-of-one-point", bytes: delimited(1, repeated(delimited(4, point)))),
            Reply(name: "series-with-a-tag", bytes: delimited(1, repeated(delimited(4, delimited(2, []))))),
            Reply(name: "series-with-a-name", bytes: delimited(1, repeated(delimited(4, delimited(1, [0x61]))))),
            Reply(name: "points", bytes: delimited(1, delimited(4, repeated(point)))),
            Reply(name: "tags", bytes: delimited(1, delimited(4, repeated(delimited(2, []))))),
            Reply(name: "tags-with-keys", bytes: delimited(1, delimited(4, tags))),
            Reply(name: "tables", bytes: delimited(1, repeated(delimited(5, [])))),
            Reply(name: "tables-of-one-column", bytes: delimited(1, repeated(delimited(5, noName)))),
            Reply(name: "tables-of-ten-columns", bytes: delimited(1, repeated(delimited(5, repeated(noName, 20))))),
            Reply(name: "tables-of-many-columns", bytes: delimited(1, repeated(delimited(5, repeated(noName, 130_000))))),
            Reply(name: "columns", bytes: delimited(1, delimited(5, repeated(noName)))),
            Reply(name: "rows", bytes: delimited(1, delimited(5, noName + repeated(delimited(2, []))))),
            Reply(
                name: "rows-of-three", bytes: delimited(1, delimited(5, noName + noName + noName + repeated(delimited(2, []))))),
            Reply(name: "cells", bytes: delimited(1, delimited(5, noName + repeated(delimited(2, cell))))),
            Reply(name: "unknown-fields", bytes: repeated([0x78, 0])),
            Reply(name: "groups", bytes: delimited(1, repeated([0x7b, 0x7c]))),
        ]
    }

    private static let meta = delimited(3, Array("{\"text\":\"\(String(repeating: "x", count: 16_000))\"}".utf8))
    private static let identity = delimited(2, Array(repeating: 0x61, count: 100_000))

    /// Tags that are all different.
    private static var tags: [UInt8] {
        var tags: [UInt8] = []
        var place: UInt32 = 0
        while tags.count < size {
            // Four characters of ASCII.
            let key = [place >> 18, place >> 12, place >> 6, place].map { UInt8(truncatingIfNeeded: $0 & 0x3f) + 0x20 }
            tags += delimited(2, delimited(1, key))
            place += 1
        }
        return tags
    }

    private static func repeated(_ part: [UInt8], _ bytes: Int = size) -> [UInt8] {
        Array(repeatElement(part, count: bytes / part.count).joined())
    }

    private static func delimited(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
        var message = MessageBytes()
        message.delimited(number, content)
        return message.bytes
    }
}
