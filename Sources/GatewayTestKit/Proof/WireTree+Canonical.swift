/// One form for all encodings that mean the same, so that messages of two writers can be compared without a protobuf library.
extension WireTree {
    /// Fields by number, entries of maps by key and the last of each, defaults left out. Fields that the schema does not know stay.
    package var canonical: WireTree {
        var groups: [UInt32: [Field]] = [:]
        for field in fields {
            var field = field
            if case .message(let nested) = field.value { field.value = .message(nested.canonical) }
            groups[field.number, default: []].append(field)
        }
        var tree = WireTree(message)
        for (number, group) in groups.sorted(by: { $0.key < $1.key }) {
            guard let schema = ProofSchema.all.field(number, of: message) else {
                tree.fields += group
                continue
            }
            if schema.isMap {
                tree.fields += Self.entries(group)
            } else if schema.isRepeated {
                tree.fields += group
            } else if case .message(let name) = schema.shape {
                // Pieces of one message.
                let pieces = group.flatMap { field in
                    if case .message(let piece) = field.value { piece.fields } else { [] as [Field] }
                }
                tree.fields.append(Field(number, .message(WireTree(name, pieces).canonical)))
            } else if let last = group.last, !last.value.isDefault {
                tree.fields.append(last)
            }
        }
        return tree
    }

    private static func entries(_ group: [Field]) -> [Field] {
        var byKey: [[UInt8]: Field] = [:]
        for field in group {
            guard case .message(let entry) = field.value else { continue }
            var key: [UInt8] = []
            for case .bytes(let text) in entry.fields.filter({ $0.number == 1 }).map(\.value) { key = text }
            byKey[key] = field
        }
        return byKey.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }
}
