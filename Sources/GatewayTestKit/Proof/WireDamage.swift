/// Bytes of a hostile or broken sender, made from those of a message.
package struct WireDamage {
    package var random: RandomMessages

    package init(_ random: RandomMessages) {
        self.random = random
    }

    /// - Parameter other: another message, to splice from.
    package mutating func damage(_ message: [UInt8], as name: String, other: [UInt8]) -> [UInt8] {
        var bytes = message
        for _ in 0...random.number(below: 3) {
            bytes = random.chance(3) ? structural(bytes, as: name) : textual(bytes, other)
        }
        return bytes
    }

    /// Without regard to what stands where.
    private mutating func textual(_ bytes: [UInt8], _ other: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return Array(other.prefix(random.number(below: 40))) }
        let place = random.number(below: bytes.count)
        let length = min(bytes.count - place, 1 + random.number(below: 24))
        switch random.number(below: 10) {
        case 0: bytes[place] ^= 1 << UInt8(random.number(below: 8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: random.generator.next())
        case 2: bytes.removeSubrange(place...)
        case 3: bytes.removeSubrange(place..<place + length)
        case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: random.number(below: bytes.count))
        case 5 where !other.isEmpty:
            let start = random.number(below: other.count)
            bytes.insert(contentsOf: other[start..<min(other.count, start + 24)], at: place)
        case 6: bytes.swapAt(place, random.number(below: bytes.count))
        // Another type of value behind the same number.
        case 7: bytes[place] = bytes[place] & 0xf8 | UInt8(random.number(below: 8))
        case 8:
            let special: [[UInt8]] = [
                [0x00], [0x80], [0xff], [0x0a, 0x7f], [0x1a], [0x22], [0x0b], [0x0c], [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
                [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
                [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
                [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02], [0x12, 0x00], [0xc3], [0xe2, 0x82],
                [0xed, 0xa0, 0x80],
            ]
            bytes.insert(contentsOf: random.pick(special), at: place)
        default: bytes[place] = random.pick([0x00, 0x01, 0x7f, 0x80, 0xff])
        }
        return bytes
    }

    /// At a field, with the lengths around it corrected: what gets behind the outermost length.
    private mutating func structural(_ bytes: [UInt8], as name: String) -> [UInt8] {
        guard let (tree, _) = WireTree.parse(bytes, as: name) else { return bytes }
        var target = random.number(below: Self.count(tree))
        return altered(tree, &target).encoded
    }

    private static func count(_ tree: WireTree) -> Int {
        tree.fields.reduce(1) { sum, field in
            if case .message(let nested) = field.value { sum + count(nested) } else { sum + 1 }
        }
    }

    /// The tree with the `target`-th field in it altered.
    private mutating func altered(_ tree: WireTree, _ target: inout Int) -> WireTree {
        var tree = tree
        for place in tree.fields.indices {
            guard target >= 0 else { return tree }
            if case .message(let nested) = tree.fields[place].value {
                tree.fields[place].value = .message(altered(nested, &target))
            } else {
                if target == 0 { alter(&tree.fields, at: place, in: tree.message) }
                target -= 1
            }
            if target < 0 { return tree }
        }
        // The end of a message counts as one of its places.
        if target == 0 { tree.fields.append(odd(in: tree.message)) }
        target -= 1
        return tree
    }

    private mutating func alter(_ fields: inout [WireTree.Field], at place: Int, in message: String) {
        switch (fields[place].value, random.number(below: 6)) {
        case (.bytes(let text), 0...2):
            let bad: [[UInt8]] = [
                [0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x65, 0xcc, 0x81], [0xc3, 0xa9], [0],
            ]
            var text = text
            text.insert(contentsOf: random.pick(bad), at: random.number(below: text.count + 1))
            fields[place].value = .bytes(text)
        case (.varint, 0...2):
            fields[place].value = .varint(
                random.pick([0, 1, 2, 5, 6, 127, 128, 1 << 31, 1 << 32, 1 << 63, .max, random.generator.next()]))
        case (.fixed64, 0...2): fields[place].value = .fixed64(random.generator.next())
        case (_, 3): fields.remove(at: place)
        case (_, 4): fields.insert(fields[place], at: random.number(below: fields.count + 1))
        default: fields.insert(odd(in: message), at: place)
        }
    }

    private mutating func odd(in message: String) -> WireTree.Field {
        guard random.chance(4) else {
            var rewriting = WireRewriting(random)
            defer { random = rewriting.random }
            return rewriting.unknown(in: message)
        }
        // One open group inside the other, up to beyond what anyone reads.
        var content: [UInt8] = []
        for _ in 0..<random.pick([1, 62, 63, 64, 65, 99, 100, 200, 2000]) { content = [0x1b] + content + [0x1c] }
        return WireTree.Field(3, .group(content))
    }
}
