/// Messages with every field that their schema has, filled at random: a field that is added to a schema is in them from then on.
package struct RandomTree {
    package var random: RandomMessages

    package init(_ random: RandomMessages) {
        self.random = random
    }

    package mutating func message(_ name: String) -> WireTree {
        var tree = WireTree(name)
        for field in (ProofSchema.all.fields(of: name) ?? [:]).values.sorted(by: { $0.number < $1.number }) {
            if field.isMap {
                var keys: Set<[UInt8]> = []
                for _ in 0..<random.number(below: 4) {
                    guard case .message(var entry) = value(field) else { continue }
                    let key: [UInt8] =
                        entry.fields.first { $0.number == 1 }.map { if case .bytes(let key) = $0.value { key } else { [] } } ?? []
                    guard keys.insert(key).inserted else { continue }
                    entry.fields.sort { $0.number < $1.number }
                    tree.fields.append(WireTree.Field(field.number, .message(entry)))
                }
            } else if field.isRepeated {
                for _ in 0..<random.number(below: 4) { tree.fields.append(WireTree.Field(field.number, value(field))) }
            } else if !random.chance(8) {
                tree.fields.append(WireTree.Field(field.number, value(field)))
            }
        }
        return tree
    }

    private mutating func value(_ field: ProofSchema.Field) -> WireTree.Value {
        switch field.shape {
        case .string: return .bytes(Array(random.text().utf8))
        case .bytes: return .bytes(random.json())
        case .fixed64: return .fixed64(random.double().bitPattern)
        case .fixed32: return .fixed32(random.pick([0, 1, 2, 0.5] as [Float]).bitPattern)
        case .message(let name): return .message(message(name))
        case .varint: return .varint(varint(field.type))
        }
    }

    private mutating func varint(_ type: String) -> UInt64 {
        if let values = ProofSchema.all.values(ofEnum: type) { return UInt64(bitPattern: Int64(random.pick(values))) }
        switch type {
        case "bool": return random.chance(2) ? 1 : 0
        case "int32": return UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: random.integer())))
        default: return UInt64(bitPattern: random.integer())
        }
    }
}
