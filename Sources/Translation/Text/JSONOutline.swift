/// Where text stops being JSON, and why.
struct JSONFault: Error, Equatable {
    enum Reason: String {
        case notJSON = "not JSON"
        case nestedTooDeep = "nested too deeply"
        case numberOutOfRange = "a number does not fit a double"
    }

    var reason: Reason
    var offset: Int
}

/// The top level of a JSON document as byte ranges; everything below it is checked for validity and otherwise left alone.
///
/// The check is iterative and bounded by `maximumDepth`, since the nesting is chosen by the sender.
struct JSONOutline {
    enum Root {
        case object
        case array
        case scalar
    }

    struct Member {
        /// With its quotes.
        var key: Range<Int>
        var value: Range<Int>
    }

    private(set) var root = Root.scalar
    /// Members of a root object, in the document's order, duplicates included.
    private(set) var members: [Member] = []
    /// Elements of a root array.
    private(set) var elements: [Range<Int>] = []
    /// The root value without surrounding white space.
    private(set) var range = 0..<0

    /// - Parameters:
    ///   - region: the part of `bytes` to read; nil reads everything.
    ///   - finiteNumbers: also reject numbers beyond the range of a double: readers that decode into doubles fail on them.
    init(
        _ bytes: [UInt8], in region: Range<Int>? = nil, maximumDepth: Int, finiteNumbers: Bool = false
    ) throws(JSONFault) {
        var scanner = JSONScanner(bytes: bytes, region: region ?? 0..<bytes.count, maximumDepth: maximumDepth)
        scanner.finiteNumbers = finiteNumbers
        scanner.skipWhiteSpace()
        let start = scanner.position
        switch scanner.peek {
        case UInt8(ascii: "{"):
            root = .object
            try readMembers(&scanner)
        case UInt8(ascii: "["):
            root = .array
            try readElements(&scanner)
        default:
            try scanner.value(depth: 0)
        }
        range = start..<scanner.position
        scanner.skipWhiteSpace()
        guard scanner.isAtEnd else { throw scanner.fault() }
    }

    private mutating func readMembers(_ scanner: inout JSONScanner) throws(JSONFault) {
        scanner.position += 1
        scanner.skipWhiteSpace()
        if scanner.consume(UInt8(ascii: "}")) { return }
        while true {
            let key = try scanner.key()
            let value = try scanner.element(depth: 1)
            members.append(Member(key: key, value: value))
            scanner.skipWhiteSpace()
            if scanner.consume(UInt8(ascii: "}")) { return }
            guard scanner.consume(UInt8(ascii: ",")) else { throw scanner.fault() }
            scanner.skipWhiteSpace()
        }
    }

    private mutating func readElements(_ scanner: inout JSONScanner) throws(JSONFault) {
        scanner.position += 1
        scanner.skipWhiteSpace()
        if scanner.consume(UInt8(ascii: "]")) { return }
        while true {
            elements.append(try scanner.element(depth: 1))
            scanner.skipWhiteSpace()
            if scanner.consume(UInt8(ascii: "]")) { return }
            guard scanner.consume(UInt8(ascii: ",")) else { throw scanner.fault() }
        }
    }
}

extension JSONOutline {
    /// The value of the last member with this key; the last one is what JSON readers keep.
    func value(of key: String, in bytes: [UInt8]) -> Range<Int>? {
        members.last { JSONString.decode(bytes[$0.key]).utf8.elementsEqual(key.utf8) }?.value
    }
}
