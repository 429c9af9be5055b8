internal import DataFrames

/// A value as it stands in the file or in an environment variable, before it has a type.
enum ConfigurationValue {
    case scalar(String)
    case list([String])
    /// Of single values only.
    case mapping([String: String])
    case other(String)

    /// Equal for values that are written equally, whatever the order of a mapping.
    var canonicalText: String {
        switch self {
        case .scalar(let text), .other(let text): text
        case .list(let items): "\(items)"
        case .mapping(let members): "\(members.sorted { $0.key < $1.key })"
        }
    }

    /// Why a value does not fit its key; the loader adds the place and the key.
    struct Mismatch: Error {
        let expected: String
        init(_ expected: String) { self.expected = expected }
    }

    func string() throws(Mismatch) -> String {
        guard case .scalar(let text) = self, !text.isEmpty else { throw Mismatch("a text") }
        return text
    }

    func path() throws(Mismatch) -> String {
        let text = try string()
        guard text.hasPrefix("/"), !text.utf8.contains(0) else { throw Mismatch("an absolute path") }
        return text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    func list() throws(Mismatch) -> [String] {
        switch self {
        case .list(let items): return items
        case .scalar(let text): return text.split(separator: ":").map(String.init)
        case .mapping, .other: throw Mismatch("a list")
        }
    }

    func paths() throws(Mismatch) -> [String] {
        let items = try list()
        guard !items.isEmpty else { throw Mismatch("at least one absolute path") }
        var paths: [String] = []
        for item in items { paths.append(try ConfigurationValue.scalar(item).path()) }
        return paths
    }

    func boolean() throws(Mismatch) -> Bool {
        guard case .scalar(let text) = self else { throw Mismatch("true or false") }
        switch text {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: throw Mismatch("true or false")
        }
    }

    func integer(in range: ClosedRange<Int>) throws(Mismatch) -> Int {
        guard case .scalar(let text) = self, let value = Int(text), range.contains(value) else {
            throw Mismatch("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// `500ms`, `5s`, `5m`, `1h`, or a plain number of seconds.
    func duration(in range: ClosedRange<Duration>) throws(Mismatch) -> Duration {
        let mismatch = Mismatch(
            "a time such as 500ms, 5s or 5m, from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))")
        guard case .scalar(let text) = self else { throw mismatch }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let count = Int64(digits), count <= 1_000_000_000 else { throw mismatch }
        let value: Duration
        switch unit {
        case "ms": value = .milliseconds(count)
        case "s", "": value = .seconds(count)
        case "m", "min": value = .seconds(count * 60)
        case "h": value = .seconds(count * 3600)
        default: throw mismatch
        }
        guard range.contains(value) else { throw mismatch }
        return value
    }

    /// `16MiB`, `64KiB`, `1GiB`, `16MB`, or a plain number of bytes.
    func bytes(in range: ClosedRange<Int>) throws(Mismatch) -> Int {
        let mismatch = Mismatch("a size such as 64KiB or 16MiB, from \(range.lowerBound) to \(range.upperBound) bytes")
        guard case .scalar(let text) = self else { throw mismatch }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        let units = [
            "": 1, "B": 1, "kB": 1000, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "KiB": 1 << 10, "MiB": 1 << 20,
            "GiB": 1 << 30,
        ]
        guard let count = Int(digits), count <= 1 << 40, let factor = units[String(unit)] else { throw mismatch }
        let (value, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow, range.contains(value) else { throw mismatch }
        return value
    }

    /// A JSON object as text, or below the one key `model`.
    func model() throws(Mismatch) -> [UInt8] {
        let mismatch = Mismatch("the JSON object of a query as text, such as '{\"query\":\"up\"}', alone or below the key model")
        let text: String
        switch self {
        case .scalar(let scalar): text = scalar
        case .mapping(let members):
            guard let model = members["model"], members.count == 1 else { throw mismatch }
            text = model
        case .list, .other: throw mismatch
        }
        let bytes = Array(text.utf8)
        guard let json = try? JSONText(validating: bytes), json.members != nil else { throw mismatch }
        return bytes
    }

    func choice<Choice>(_ choices: [(String, Choice)]) throws(Mismatch) -> Choice {
        if case .scalar(let text) = self, let found = choices.first(where: { $0.0 == text }) { return found.1 }
        throw Mismatch("one of " + choices.map(\.0).joined(separator: ", "))
    }

    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        if milliseconds % 1000 != 0 { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1000
        if seconds % 3600 == 0, seconds > 0 { return "\(seconds / 3600)h" }
        return seconds % 60 == 0 && seconds > 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }
}
