/// Writes a compact JSON object member by member, in the order given.
struct JSONObjectBuilder {
    private var body: [UInt8] = []

    mutating func add(_ key: String, string value: String) {
        add(key, raw: JSONString.encode(value))
    }

    mutating func add(_ key: String, integer value: some BinaryInteger) {
        add(key, raw: Array(String(value).utf8))
    }

    mutating func add(_ key: String, bool value: Bool) {
        add(key, raw: Array((value ? "true" : "false").utf8))
    }

    /// `value` must be valid JSON.
    mutating func add(_ key: String, raw value: [UInt8]) {
        if !body.isEmpty { body.append(UInt8(ascii: ",")) }
        JSONString.encode(key, to: &body)
        body.append(UInt8(ascii: ":"))
        body.append(contentsOf: value)
    }

    var isEmpty: Bool { body.isEmpty }

    /// The members without the braces.
    var members: [UInt8] { body }

    var object: [UInt8] { [UInt8(ascii: "{")] + body + [UInt8(ascii: "}")] }
}
