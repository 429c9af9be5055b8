/// The same message in other bytes: everything that the encoding allows a sender and hardly any sender does.
///
/// Fields out of order, long varints, scalars that are said twice, messages in several pieces, fields that no schema knows.
package struct WireRewriting {
    package var random: RandomMessages
    /// One in so many fields gets something odd.
    private let rarity: Int

    package init(_ random: RandomMessages, rarity: Int = 12) {
        self.random = random
        self.rarity = max(1, rarity)
    }

    /// The bytes of `message`, or others of the same meaning.
    package mutating func rewrite(_ message: [UInt8], as name: String) -> [UInt8] {
        guard let (tree, _) = WireTree.parse(message, as: name) else { return message }
        var output: [UInt8] = []
        append(tree, to: &output)
        return output
    }

    private mutating func append(_ tree: WireTree, to output: inout [UInt8]) {
        var fields = tree.fields
        let isEntry = tree.message.hasPrefix("map<")
        if odd { shuffle(&fields) }
        if odd, let place = fields.indices.randomElement(using: &random.generator) {
            fields.insert(contentsOf: extra(before: fields[place], in: tree.message, isEntry: isEntry), at: place)
        }
        if odd { fields.insert(unknown(in: tree.message), at: random.number(below: fields.count + 1)) }
        for field in fields {
            if !isEntry, case .message(let nested) = field.value, nested.fields.count > 1, odd,
                ProofSchema.all.field(field.number, of: tree.message).map({ !$0.isRepeated && !$0.isMap }) == true
            {
                // In two pieces, which a reader puts together again.
                let cut = random.number(below: nested.fields.count + 1)
                for part in [nested.fields[..<cut], nested.fields[cut...]] {
                    append(WireTree.Field(field.number, .message(WireTree(nested.message, Array(part)))), to: &output)
                }
            } else {
                append(field, to: &output)
            }
        }
    }

    private var odd: Bool { mutating get { random.chance(rarity) } }

    /// Fields of one number stay in their order among themselves, which has a meaning.
    private mutating func shuffle(_ fields: inout [WireTree.Field]) {
        guard fields.count > 1 else { return }
        let places = fields.indices.shuffled(using: &random.generator)
        var byNumber: [UInt32: [WireTree.Field]] = [:]
        for field in fields.reversed() { byNumber[field.number, default: []].append(field) }
        let numbers = places.map { fields[$0].number }
        fields = numbers.compactMap { byNumber[$0]?.popLast() }
    }

    /// A value in front of one that replaces it, or nothing where that would change the meaning.
    private mutating func extra(before field: WireTree.Field, in message: String, isEntry: Bool) -> [WireTree.Field] {
        guard let schema = ProofSchema.all.field(field.number, of: message), !schema.isRepeated, !schema.isMap else { return [] }
        switch field.value {
        case .varint: return [WireTree.Field(field.number, .varint(random.generator.next()))]
        case .fixed64: return [WireTree.Field(field.number, .fixed64(random.generator.next()))]
        case .fixed32: return [WireTree.Field(field.number, .fixed32(7))]
        case .bytes: return [WireTree.Field(field.number, .bytes(Array(random.text().utf8)))]
        case .message(let nested): return isEntry ? [] : [WireTree.Field(field.number, .message(WireTree(nested.message)))]
        case .group: return []
        }
    }

    /// A field that the schema does not have, or has with another type of value.
    package mutating func unknown(in message: String) -> WireTree.Field {
        let known = ProofSchema.all.fields(of: message) ?? [:]
        if random.chance(3),
            let field = known.values.sorted(by: { $0.number < $1.number }).randomElement(using: &random.generator)
        {
            switch field.shape {
            case .varint: return WireTree.Field(field.number, .fixed32(1))
            case .fixed64, .fixed32: return WireTree.Field(field.number, .varint(1))
            default: return WireTree.Field(field.number, .fixed64(1))
            }
        }
        let number = random.pick([13, 15, 16, 99, 2047, 2048, 536_870_911] as [UInt32])
        guard known[number] == nil else { return WireTree.Field(100, .varint(0)) }
        switch random.number(below: 5) {
        case 0: return WireTree.Field(number, .varint(random.generator.next()))
        case 1: return WireTree.Field(number, .fixed64(random.generator.next()))
        case 2: return WireTree.Field(number, .fixed32(9))
        case 3: return WireTree.Field(number, .bytes([0xff, 0x00, 0x80]))
        default: return WireTree.Field(number, .group(group(depth: random.number(below: 20))))
        }
    }

    /// The content of a group: more groups, one inside the other, and a value.
    private func group(depth: Int) -> [UInt8] {
        var content: [UInt8] = [0x08, 0x01]
        for _ in 0..<depth { content = [0x13] + content + [0x14] }
        return content
    }

    // MARK: Bytes

    private mutating func append(_ field: WireTree.Field, to output: inout [UInt8]) {
        append(varint: UInt64(field.number) << 3 | field.wireType, to: &output)
        switch field.value {
        case .varint(let value): append(varint: value, to: &output)
        case .fixed64(let value): withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
        case .fixed32(let value): withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
        case .bytes(let bytes):
            append(varint: UInt64(bytes.count), to: &output)
            output.append(contentsOf: bytes)
        case .message(let tree):
            var nested: [UInt8] = []
            append(tree, to: &nested)
            append(varint: UInt64(nested.count), to: &output)
            output.append(contentsOf: nested)
        case .group(let content):
            output.append(contentsOf: content)
            append(varint: UInt64(field.number) << 3 | 4, to: &output)
        }
    }

    /// Now and then with more bytes than the value needs, at most ten.
    private mutating func append(varint value: UInt64, to output: inout [UInt8]) {
        let start = output.count
        WireTree.append(varint: value, to: &output)
        let size = output.count - start
        guard size < 10, random.chance(rarity * 4) else { return }
        let more = 1 + random.number(below: 10 - size)
        output[output.count - 1] |= 0x80
        output.append(contentsOf: [UInt8](repeating: 0x80, count: more - 1) + [0])
    }
}
