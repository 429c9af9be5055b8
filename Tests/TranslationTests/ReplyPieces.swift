import GatewayTestKit

@testable import Translation

/// Replies fed to the decoder in pieces.
enum ReplyPieces {
    /// What a decoder makes of pieces. Each piece lies in memory of its own, so that reading beyond one does not go unnoticed.
    static func decode(
        _ pieces: [ArraySlice<UInt8>], _ options: TranslationOptions = .default, watch: (V1ResponseDecoder) -> Void = { _ in }
    ) -> CallOutcome {
        let size = pieces.reduce(0) { $0 + $1.count }
        var decoder = V1ResponseDecoder(size: size, options, from: nil)
        do throws(WireError) {
            for piece in pieces {
                let memory = Array(piece)
                let outcome: Result<Void, WireError> = memory.withUnsafeBytes { bytes in
                    do throws(WireError) { return .success(try decoder.feed(bytes)) } catch { return .failure(error) }
                }
                try outcome.get()
                watch(decoder)
            }
            return .decoded(try decoder.finish())
        } catch {
            return .malformed(error, size: size)
        }
    }

    static func cut(_ bytes: [UInt8], at place: Int) -> [ArraySlice<UInt8>] { [bytes[..<place], bytes[place...]] }

    static func single(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] { bytes.indices.map { bytes[$0...$0] } }

    /// Pieces of random sizes, some of them empty.
    static func random(_ bytes: [UInt8], largest: Int, _ random: inout RandomMessages) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(random.number(below: largest + 1))
            rest = rest.dropFirst(piece.count)
            pieces.append(piece)
        }
        return pieces
    }

    /// Everything that a host and an operator see of an outcome.
    struct Seen: Equatable {
        var answer: [UInt8]
        var losses: [Loss]
        var statistics: TranslationStatistics?
    }

    static func seen(_ outcome: CallOutcome, _ plan: QueryDataPlan) -> Seen {
        var ledger = LossLedger()
        switch V2ToV1QueryData.merge(plan, [outcome], ledger: &ledger) {
        case .reply(let bytes, let statistics): return Seen(answer: bytes, losses: ledger.losses, statistics: statistics)
        case .status(_, let message, _): return Seen(answer: Array(message.utf8), losses: ledger.losses)
        }
    }
}

/// Replies that are wrong, or legal and strange: most bytes of them are worth a cut.
enum StrangeReplies {
    static let all: [[UInt8]] = faults + legal

    static let faults: [[UInt8]] = [
        [0x80], [0x0a], [0x0a, 0x80], [0x0a, 0x01], [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
        // An overlong tag, field number 0, wire types 6 and 7.
        Array(repeating: 0xff, count: 10), [0x00, 0x00], [0x06], [0x0f],
        // A length of 2³¹ and one of 2⁶³.
        [0x0a, 0x80, 0x80, 0x80, 0x80, 0x08], [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        // Groups that end unopened, end with another number, do not end, are too deep.
        [0x0c], [0x13, 0x1c], [0x13], [0x13, 0x0a, 0x02, 0x00, 0x00], Array(repeating: 0x13, count: OpenGroups.maximumDepth + 1),
        nested(5, [0x0b]), nested(4, [0x0b, 0x10, 0x01]),
        // A field that is longer than the message around it, at every depth.
        nested(2, [0x05, 0x41]).dropLast() + [], nested(4, [0x1a, 0x09, 0x08]), nested(4, [0x12, 0x03, 0x0a, 0x02, 0x41]),
        nested(5, [0x0a, 0x02, 0x0a, 0x05]), nested(5, [0x12, 0x04, 0x0a, 0x02, 0x11, 0x00]),
        // A point whose time, value or foreign field is cut off.
        nested(4, [0x1a, 0x02, 0x08, 0x80]), nested(4, [0x1a, 0x05, 0x11, 0, 0, 0, 0]), nested(4, [0x1a, 0x03, 0x1d, 0, 0]),
        // A varint that is cut off by the end of its message while bytes follow.
        [0x0a, 0x03, 0x22, 0x01, 0x80, 0x01, 0x01], nested(1, []) + [0x18],
        // A fixed value that is cut off.
        [0x11, 1, 2, 3], [0x15, 1, 2, 3], nested(4, [0x21, 1, 2, 3, 4, 5, 6, 7]),
    ]

    static let legal: [[UInt8]] = [
        [], [0x0a, 0x00], [0x0a, 0x02, 0x22, 0x00], [0x0a, 0x02, 0x2a, 0x00], nested(4, [0x1a, 0x00, 0x1a, 0x00]),
        // Lengths and tags in more bytes than they need.
        [0x8a, 0x00, 0x80, 0x80, 0x00], [0x0a, 0x83, 0x80, 0x00, 0xa2, 0x00, 0x00], nested(4, [0x1a, 0x82, 0x00, 0x08, 0x05]),
        // Foreign fields of every wire type at every level, groups within groups.
        [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x19, 0, 0, 0, 0, 0, 0, 0, 0, 0x25, 0, 0, 0, 0],
        [0x13, 0x1b, 0x22, 0x03, 1, 2, 3, 0x28, 0x80, 0x01, 0x31, 0, 0, 0, 0, 0, 0, 0, 0, 0x3d, 0, 0, 0, 0, 0x1c, 0x14],
        nested(6, [1, 2, 3]) + nested(4, [0x23, 0x0a, 0x02, 0x41, 0x42, 0x24, 0x2a, 0x03, 1, 2, 3, 0x30, 0x05]),
        // Known numbers with other wire types.
        [0x08, 0x05], [0x0a, 0x07, 0x08, 0x01, 0x25, 0, 0, 0, 0, 0x10, 0x01], nested(4, [0x18, 0x05, 0x0d, 0, 0, 0, 0]),
        // The usual point, one whose value is zero, one of 1969, one beyond the nanoseconds, fields reversed, repeated, with a foreign one.
        nested(
            4,
            point([0x08, 0xe8, 0x07, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]) + point([0x08, 0xe9, 0x07]) + point([0x11] + one)
                + point([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x11] + one)
                + point([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x11] + one)
                + point([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x11] + one)
                + point([0x11] + one + [0x08, 0x05]) + point([0x08, 0x01, 0x08, 0x02, 0x11] + one + [0x11] + one)
                + point([0x08, 0x03, 0x11] + one + [0x1a, 0x01, 0x07, 0x23, 0x24]) + [
                    0x12, 0x03, 0x0a, 0x01, 0x6b, 0x0a, 0x01, 0x6e,
                ]),
        // Text that is not UTF-8, fields that come again, tables between series.
        [
            0x0a, 0x16, 0x0a, 0x02, 0x65, 0xff, 0x12, 0x01, 0x41, 0x22, 0x02, 0x0a, 0x00, 0x2a, 0x04, 0x0a, 0x02, 0x0a, 0x00,
            0x22, 0x00, 0x12,
        ]
            + [0x01, 0x42],
    ]

    private static let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]

    private static func point(_ fields: [UInt8]) -> [UInt8] { [0x1a, UInt8(fields.count)] + fields }

    /// A reply whose only result has one field with this content.
    private static func nested(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
        let inner = [field << 3 | 2] + length(content.count) + content
        return [0x0a] + length(inner.count) + inner
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 0x80 ? [UInt8(count)] : [UInt8(count & 0x7f) | 0x80, UInt8(count >> 7)]
    }
}
