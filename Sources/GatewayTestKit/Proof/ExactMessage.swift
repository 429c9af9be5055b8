package import SwiftProtobuf
package import Translation

/// What the reference reads in an encoded message, and what of it no generated message can hold.
package struct ExactMessage<Content: Message> {
    package var content: Content
    package var side = ExactSide()
}

/// Losses that only the bytes show, and which differences the message met.
package struct ExactSide {
    /// By the rules of the ledger: one entry for each text that was repaired, one for each unknown field.
    package var losses: [(path: LossPath, cause: LossCause, count: Int)] = []
    /// Entries of maps beyond the first of their key, by the path of the map.
    package var repeatedKeys: [String: Int] = [:]
    package var differences: Set<KnownDifference> = []

    /// Reports what was met to the tally.
    package func note() {
        for difference in differences { ProofTally.shared.add("exceptions", difference.rawValue) }
    }
}

extension ExactMessage {
    /// Reads a message with SwiftProtobuf, whose verdict counts, except for ``KnownDifference``s.
    ///
    /// - Parameter name: the full name of the message.
    /// - Returns: nil for bytes that must be refused.
    package static func read(_ bytes: [UInt8], as name: String) -> ExactMessage? {
        guard let (tree, oddities) = WireTree.parse(bytes, as: name) else { return nil }
        var side = ExactSide()
        if oddities.groupDepth > 64 { side.differences.insert(.deepGroups) }
        if oddities.hasVarintBeyond64Bits { side.differences.insert(.wideVarint) }
        if oddities.hasWideTag { side.differences.insert(.wideTags) }
        guard side.differences.isEmpty else {
            side.note()
            return nil
        }
        var altered = false
        if oddities.hasLongTag { side.differences.insert(.longTags) }
        let exact = ExactTree.exact(tree, &side, &altered)
        // Bytes without anything of ours done to them are read as they are.
        let encoded = altered || oddities.hasLongTag ? exact.encoded : bytes
        guard let content: Content = try? Content(serializedBytes: encoded) else { return nil }
        return ExactMessage(content: content, side: side)
    }
}

/// Repairs text, spells keys of maps out, and finds what libraries drop.
enum ExactTree {
    /// The number of a field that no message has: a cell with it had a text that was repaired. Whether that is a loss depends on the column.
    static let repairMark: UInt32 = 268_435_423

    /// - Parameters:
    ///   - path: that of the map that the message is an entry of.
    ///   - inEntry: whether it is the value of one; libraries drop those of keys that come again.
    static func exact(
        _ tree: WireTree, _ side: inout ExactSide, _ altered: inout Bool, path: String? = nil, inEntry: Bool = false
    ) -> WireTree {
        var tree = tree
        var keys: [UInt32: Set<[UInt8]>] = [:]
        var foreign: [Int] = []
        for place in tree.fields.indices {
            let number = tree.fields[place].number
            let field = ProofSchema.all.field(number, of: tree.message)
            // Inside an entry everything is entered under the map's own path.
            let fieldPath = path ?? "\(tree.message).\(field?.name ?? "")"
            switch (tree.fields[place].value, field?.shape) {
            case (.bytes(var text), .string?):
                if let repaired = repaired(text) {
                    if tree.message == "models.RowValue" {
                        if !tree.fields[(place + 1)...].contains(where: { $0.number == number && $0.isBytes }) {
                            tree.fields.append(WireTree.Field(repairMark, .varint(1)))
                        }
                    } else {
                        side.losses.append((LossPath(fieldPath), .invalidUTF8, 1))
                    }
                    side.differences.insert(.invalidUTF8)
                    text = repaired
                    altered = true
                }
                if path != nil, number == 1, text.contains(where: { $0 >= 0x80 }) {
                    side.differences.insert(.accentedKeys)
                    text = Array(ExactKey.spelled(text).utf8)
                    altered = true
                }
                tree.fields[place].value = .bytes(text)
            case (.message(let nested), .message?):
                let isEntry = field?.isMap == true
                if isEntry, !keys[number, default: []].insert(key(of: nested)).inserted {
                    side.repeatedKeys[fieldPath, default: 0] += 1
                    side.differences.insert(.repeatedKeys)
                }
                tree.fields[place].value = .message(
                    exact(nested, &side, &altered, path: isEntry ? fieldPath : nil, inEntry: path != nil))
            default:
                guard path != nil || inEntry, !known(tree.fields[place], field) else { continue }
                side.losses.append((.unknown(number, in: path ?? tree.message), .unknownField, 1))
                side.differences.insert(.unknownInEntry)
                guard path != nil, field != nil else { continue }
                side.differences.insert(.foreignTypeInEntry)
                foreign.append(place)
                altered = true
            }
        }
        for place in foreign.reversed() { tree.fields.remove(at: place) }
        return tree
    }

    private static func known(_ field: WireTree.Field, _ schema: ProofSchema.Field?) -> Bool {
        switch (field.value, schema?.shape) {
        case (.bytes, .bytes?), (.bytes, .string?), (.varint, .varint?), (.fixed64, .fixed64?), (.fixed32, .fixed32?): true
        default: false
        }
    }

    private static func key(of entry: WireTree) -> [UInt8] {
        for case .bytes(let key) in entry.fields.reversed().filter({ $0.number == 1 }).map(\.value) { return key }
        return []
    }

    /// Nil for UTF-8.
    static func repaired(_ text: [UInt8]) -> [UInt8]? {
        guard String(validating: text, as: UTF8.self) == nil else { return nil }
        return ReferenceJSON.lenient(.init(text)).bytes
    }
}

/// Keys of maps that a Swift dictionary could take for one another, in letters that it tells apart.
package enum ExactKey {
    private static let mark = "\u{1}exact:"

    static func spelled(_ key: [UInt8]) -> String {
        mark + key.map { String($0, radix: 16) }.map { $0.count < 2 ? "0" + $0 : $0 }.joined()
    }

    /// The key that was meant.
    package static func text(_ key: String) -> String {
        guard key.hasPrefix(mark) else { return key }
        let digits = Array(key.utf8.dropFirst(mark.utf8.count))
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
            UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension WireTree.Field {
    fileprivate var isBytes: Bool { if case .bytes = value { true } else { false } }
}

extension UnknownStorage {
    /// See ``ExactTree/repairMark``.
    var isMarkedAsRepaired: Bool {
        guard !data.isEmpty, let (tree, _) = WireTree.parse(Array(data), as: "") else { return false }
        return tree.fields.contains { $0.number == ExactTree.repairMark }
    }
}
