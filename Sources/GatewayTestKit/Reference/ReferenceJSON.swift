internal import Foundation

/// The top level of a JSON object, found by plain recursion.
struct ReferenceJSON {
    private let bytes: [UInt8]
    private var position = 0
    /// Literals with their quotes, as they stand.
    private var keys: [Range<Int>] = []
    private var values: [Range<Int>] = []

    /// Nil for everything but an object.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{"), value(top: true) else { return nil }
        skipSpace()
        guard position == bytes.count else { return nil }
    }

    var names: [String] { keys.map { Self.text(Array(bytes[$0])) } }

    /// The object with another `datasource` wherever that is an object, and with the members it lacks.
    func rewritten(datasource: String?, adding members: [(String, String)]) -> String {
        let names = names
        var output = bytes
        var missing = members.filter { name, _ in !names.contains { $0.isExactly(name) } }.map { "\"\($0)\":\($1)" }
        if !values.isEmpty { missing = missing.map { "," + $0 } } else { missing = [missing.joined(separator: ",")] }
        let end = values.last?.upperBound ?? (bytes.firstIndex(of: UInt8(ascii: "{")) ?? 0) + 1
        output.insert(contentsOf: missing.joined().utf8, at: end)
        for (name, value) in zip(names, values).reversed()
        where name.isExactly("datasource") && bytes[value.lowerBound] == UInt8(ascii: "{") {
            if let datasource { output.replaceSubrange(value, with: datasource.utf8) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The object with one more member behind its last one.
    func adding(_ name: String, _ value: String) -> String {
        rewritten(datasource: nil, adding: [(name, value)])
    }

    // MARK: Grammar

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: Character) -> Bool {
        guard next == byte.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }

    private mutating func value(top: Bool = false) -> Bool {
        skipSpace()
        let start = position
        switch next {
        case UInt8(ascii: "{"): return list(closing: "}", named: true, top: top)
        case UInt8(ascii: "["): return list(closing: "]", named: false, top: false)
        case UInt8(ascii: "\""): return string()
        default:
            while let byte = next, !Set("{}[],:\" \t\r\n".utf8).contains(byte) { position += 1 }
            let token = String(decoding: bytes[start..<position], as: UTF8.self)
            guard let first = token.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
                return ["true", "false", "null"].contains(token)
            }
            return token.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/.asciiOnlyDigits()) != nil
        }
    }

    private mutating func list(closing: Character, named: Bool, top: Bool) -> Bool {
        position += 1
        skipSpace()
        if take(closing) { return true }
        repeat {
            skipSpace()
            if named {
                let start = position
                guard next == UInt8(ascii: "\""), string() else { return false }
                if top { keys.append(start..<position) }
                skipSpace()
                guard take(":") else { return false }
                skipSpace()
            }
            let start = position
            guard value() else { return false }
            if top { values.append(start..<position) }
            skipSpace()
        } while take(",")
        return take(closing)
    }

    private mutating func string() -> Bool {
        position += 1
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\"") { return true }
            if byte < 0x20 { return false }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard let escaped = next, Set(#""\/bfnrtu"#.utf8).contains(escaped) else { return false }
            position += 1
            guard escaped == UInt8(ascii: "u") else { continue }
            let digits = bytes[position...].prefix(4)
            guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return false }
            position += 4
        }
        return false
    }

    // MARK: Text

    /// What a literal says; Foundation refuses lone surrogates, which never are part of a name we look for.
    private static func text(_ literal: [UInt8]) -> String {
        let value = try? JSONSerialization.jsonObject(with: Data(literal), options: .fragmentsAllowed)
        return value as? String ?? String(decoding: literal, as: UTF8.self)
    }

    static func quoted(_ text: String) -> String {
        let named: [Unicode.Scalar: String] = ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"]
        return "\""
            + text.unicodeScalars.map { scalar in
                named[scalar] ?? (scalar.value < 0x20 ? String(format: "\\u%04x", scalar.value) : String(scalar))
            }.joined() + "\""
    }

    /// Bytes as Go shows them: U+FFFD for every byte that is not part of a character.
    static func lenient(_ data: Data) -> (bytes: [UInt8], repaired: Bool) {
        if String(validating: data, as: UTF8.self) != nil { return (Array(data), false) }
        var output: [UInt8] = []
        var rest = Array(data)[...]
        while !rest.isEmpty {
            let length = (1...4).first { $0 <= rest.count && String(validating: rest.prefix($0), as: UTF8.self) != nil }
            output += length.map { Array(rest.prefix($0)) } ?? [0xef, 0xbf, 0xbd]
            rest = rest.dropFirst(length ?? 1)
        }
        return (output, true)
    }
}

extension String {
    func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
