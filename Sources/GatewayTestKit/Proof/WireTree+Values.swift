extension WireTree {
    /// The messages of this name in here, this one included, in the order of the wire.
    package func all(_ name: String) -> [WireTree] {
        (message == name ? [self] : [])
            + fields.flatMap { field in if case .message(let nested) = field.value { nested.all(name) } else { [] as [WireTree] }
            }
    }

    /// What a field says: one value at most for a scalar, the default left out; entries of maps by their keys.
    package func values(of field: ProofSchema.Field) -> [Value] {
        let values = fields.filter { $0.number == field.number }.map(\.value)
        if field.isMap { return values.map(\.withoutDefaults).sorted { "\($0)" < "\($1)" } }
        if field.isRepeated { return values }
        return values.suffix(1).filter { !$0.isDefault }
    }
}

extension WireTree.Value {
    package var isDefault: Bool {
        switch self {
        case .varint(let value), .fixed64(let value): value == 0
        case .fixed32(let value): value == 0
        case .bytes(let bytes), .group(let bytes): bytes.isEmpty
        case .message: false
        }
    }

    /// An entry of a map may leave out an empty key or value.
    fileprivate var withoutDefaults: Self {
        guard case .message(var tree) = self else { return self }
        tree.fields = tree.fields.filter { !$0.value.isDefault }
        return .message(tree)
    }
}
