/// The labels (tags) of a field, ordered by the UTF-8 bytes of their keys.
///
/// Keys are compared by bytes: a composed and a decomposed "é" are two labels, as they are to Grafana.
package struct Labels: Sendable {
    package struct Label: Sendable {
        package let key: String
        package let value: String
    }

    private var sorted: [Label]

    package init() {
        sorted = []
    }

    /// Takes pairs in any order. Of equal keys the last wins, as in a Go map.
    package init(_ pairs: some Sequence<(key: String, value: String)>) {
        self.init(Array(pairs))
    }

    /// The same. It is not generic, because a generic one is not specialised for other modules and takes memory for each pair.
    package init(_ pairs: [(key: String, value: String)]) {
        sorted = []
        sorted.reserveCapacity(pairs.count)
        for pair in pairs { sorted.append(Label(key: pair.key, value: pair.value)) }
        guard sorted.count > 1 else { return }
        sorted.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }  // stable: equal keys keep their order
        guard (1..<sorted.count).contains(where: { sorted[$0 - 1].key.hasSameBytes(as: sorted[$0].key) }) else { return }
        var kept: [Label] = []
        kept.reserveCapacity(sorted.count)
        for label in sorted {
            if let last = kept.last, last.key.hasSameBytes(as: label.key) { kept.removeLast() }
            kept.append(label)
        }
        sorted = kept
    }

    package subscript(key: String) -> String? {
        get {
            let place = place(of: key)
            return place.found ? sorted[place.index].value : nil
        }
        set {
            let place = place(of: key)
            if place.found { sorted.remove(at: place.index) }
            if let newValue { sorted.insert(Label(key: key, value: newValue), at: place.index) }
        }
    }

    private func place(of key: String) -> (index: Int, found: Bool) {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = low + (high - low) / 2
            if sorted[middle].key.utf8.lexicographicallyPrecedes(key.utf8) { low = middle + 1 } else { high = middle }
        }
        return (low, low < sorted.count && sorted[low].key.hasSameBytes(as: key))
    }
}

extension Labels: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { sorted.count }
    package subscript(position: Int) -> Label { sorted[position] }
}

extension Labels: Hashable {
    package static func == (lhs: Labels, rhs: Labels) -> Bool {
        lhs.sorted.elementsEqual(rhs.sorted) { $0.key.hasSameBytes(as: $1.key) && $0.value.hasSameBytes(as: $1.value) }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(sorted.count)
        for label in sorted {
            Self.hash(label.key, into: &hasher)
            Self.hash(label.value, into: &hasher)
        }
    }

    private static func hash(_ text: String, into hasher: inout Hasher) {
        var text = text
        hasher.combine(text.utf8.count)
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension Labels: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.lazy.map { (key: $0.0, value: $0.1) })
    }
}
