/// The fields of an encoded message as they stand on the wire, nested ones taken apart where the schema says that they are messages.
///
/// Written from the description of the encoding alone and recursive where that is simplest: neither fast nor for production.
package struct WireTree: Sendable, Equatable {
    package indirect enum Value: Sendable, Equatable {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        /// Strings, bytes, and whatever the schema does not know.
        case bytes([UInt8])
        case message(WireTree)
        case group([UInt8])
    }

    package struct Field: Sendable, Equatable {
        package var number: UInt32
        package var value: Value

        package init(_ number: UInt32, _ value: Value) {
            self.number = number
            self.value = value
        }
    }

    /// The full name; that of a map's entry is the map's type.
    package var message: String
    package var fields: [Field]

    package init(_ message: String, _ fields: [Field] = []) {
        self.message = message
        self.fields = fields
    }

    /// What a parser may have its own opinion on.
    package struct Oddities: Sendable, Equatable {
        /// How many groups were open at once.
        package var groupDepth = 0
        /// A varint of ten bytes whose last says more than the 64th bit.
        package var hasVarintBeyond64Bits = false
        /// A tag of more than five bytes, which are enough for every number.
        package var hasLongTag = false
        /// A tag that says more than 32 bits.
        package var hasWideTag = false
        /// A length of more than five bytes.
        package var hasLongLength = false
    }

    package struct Malformed: Error {}

    /// Nil when the bytes are no fields.
    package static func parse(_ bytes: [UInt8], as message: String) -> (tree: WireTree, oddities: Oddities)? {
        var parser = WireTreeParser(bytes: bytes[...])
        guard let tree = try? parser.tree(message, end: bytes.count) else { return nil }
        return (tree, parser.oddities)
    }

    /// The plain encoding: shortest varints, fields in their order.
    package var encoded: [UInt8] {
        var output: [UInt8] = []
        for field in fields { field.append(to: &output) }
        return output
    }

    package static func append(varint value: UInt64, to output: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        output.append(UInt8(truncatingIfNeeded: value))
    }
}

extension WireTree.Field {
    package var wireType: UInt64 {
        switch value {
        case .varint: 0
        case .fixed64: 1
        case .bytes, .message: 2
        case .group: 3
        case .fixed32: 5
        }
    }

    func append(to output: inout [UInt8]) {
        WireTree.append(varint: UInt64(number) << 3 | wireType, to: &output)
        switch value {
        case .varint(let value): WireTree.append(varint: value, to: &output)
        case .fixed64(let value): withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
        case .fixed32(let value): withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
        case .bytes(let bytes): Self.append(bytes, to: &output)
        case .message(let tree): Self.append(tree.encoded, to: &output)
        case .group(let content):
            output.append(contentsOf: content)
            WireTree.append(varint: UInt64(number) << 3 | 4, to: &output)
        }
    }

    private static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        WireTree.append(varint: UInt64(bytes.count), to: &output)
        output.append(contentsOf: bytes)
    }
}

private struct WireTreeParser {
    let bytes: ArraySlice<UInt8>
    var position = 0
    var oddities = WireTree.Oddities()

    mutating func tree(_ message: String, end: Int) throws -> WireTree {
        var tree = WireTree(message)
        while position < end {
            let tag = try tag(end)
            let shape = ProofSchema.all.field(tag.number, of: message)?.shape
            tree.fields.append(WireTree.Field(tag.number, try value(tag, shape, end)))
        }
        return tree
    }

    private mutating func tag(_ end: Int) throws -> (number: UInt32, type: UInt64) {
        let start = position
        var raw = try varint(end)
        if position - start > 5 { oddities.hasLongTag = true }
        if raw > UInt64(UInt32.max) {
            // What libprotobuf makes of it.
            oddities.hasWideTag = true
            raw &= UInt64(UInt32.max)
        }
        guard raw >> 3 > 0, raw >> 3 < 1 << 29 else { throw WireTree.Malformed() }
        return (UInt32(raw >> 3), raw & 7)
    }

    private mutating func varint(_ end: Int) throws -> UInt64 {
        var value: UInt64 = 0
        for place in 0..<10 {
            guard position < end else { throw WireTree.Malformed() }
            let byte = bytes[position]
            position += 1
            if place == 9, byte > 1 { oddities.hasVarintBeyond64Bits = true }
            value |= UInt64(byte & 0x7f) << UInt64(7 * place)
            if byte < 0x80 { return value }
        }
        throw WireTree.Malformed()
    }

    private mutating func fixed(_ size: Int, _ end: Int) throws -> UInt64 {
        guard end - position >= size else { throw WireTree.Malformed() }
        defer { position += size }
        return (0..<size).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }

    private mutating func value(_ tag: (number: UInt32, type: UInt64), _ shape: ProofSchema.Shape?, _ end: Int) throws
        -> WireTree.Value
    {
        switch tag.type {
        case 0: return .varint(try varint(end))
        case 1: return .fixed64(try fixed(8, end))
        case 2:
            let start = position
            let length = try varint(end)
            if position - start > 5 { oddities.hasLongLength = true }
            guard length <= UInt64(end - position) else { throw WireTree.Malformed() }
            let last = position + Int(length)
            if case .message(let name)? = shape { return .message(try tree(name, end: last)) }
            defer { position = last }
            return .bytes(Array(bytes[position..<last]))
        case 3: return .group(try group(tag.number, depth: 1, end))
        case 5: return .fixed32(UInt32(try fixed(4, end)))
        default: throw WireTree.Malformed()
        }
    }

    /// The content of a group, without the tags around it.
    private mutating func group(_ number: UInt32, depth: Int, _ end: Int) throws -> [UInt8] {
        oddities.groupDepth = max(oddities.groupDepth, depth)
        guard depth < 1000 else { throw WireTree.Malformed() }
        let start = position
        while true {
            let before = position
            let tag = try tag(end)
            if tag.type == 4 {
                guard tag.number == number else { throw WireTree.Malformed() }
                return Array(bytes[start..<before])
            }
            if tag.type == 3 { _ = try group(tag.number, depth: depth + 1, end) } else { _ = try value(tag, nil, end) }
        }
    }
}
