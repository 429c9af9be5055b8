/// Where a plugin listens.
package enum PluginEndpoint: Sendable, Equatable {
    /// An absolute path of at most `maximumPathBytes` bytes.
    case unix(String)
    /// A loopback host (an address, or `localhost`; IPv6 without brackets) and a port.
    case tcp(host: String, port: Int)

    /// What fits a socket address beside its terminating NUL.
    package static let maximumPathBytes = 107

    /// As it stands in a handshake line.
    package var printed: String {
        switch self {
        case .unix(let path): path
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    static func unix(parsing field: ArraySlice<UInt8>) throws(HandshakeError) -> PluginEndpoint {
        guard field.first == UInt8(ascii: "/") else { throw .address(field, "it is not an absolute path") }
        guard field.count <= maximumPathBytes else {
            throw .address(field, "it has \(field.count) bytes and a socket address holds \(maximumPathBytes)")
        }
        guard field.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .address(field, "it contains control characters") }
        // Decoding would replace what is not UTF-8, and the path would name another file.
        guard let path = String(validating: field, as: UTF8.self) else { throw .address(field, "it is not valid UTF-8") }
        return .unix(path)
    }

    static func tcp(parsing field: ArraySlice<UInt8>) throws(HandshakeError) -> PluginEndpoint {
        guard field.count <= 255, let colon = field.lastIndex(of: UInt8(ascii: ":")) else {
            throw .address(field, "it is not of the form host:port")
        }
        let digits = field[(colon + 1)...]
        guard !digits.isEmpty, digits.count <= 5, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .address(field, "its port is not a number")
        }
        let port = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard (1...65535).contains(port) else { throw .address(field, "its port is not between 1 and 65535") }
        var host = field[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") { host = host.dropFirst().dropLast() }
        let name = String(decoding: host, as: UTF8.self)
        guard isLoopback(name) else { throw .notLoopback(field) }
        return .tcp(host: name, port: port)
    }

    /// 127.0.0.0/8, ::1 and `localhost`. Anything else would let a plugin send the gateway, and what it carries, elsewhere.
    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return false }
        let numbers = parts.compactMap { part -> Int? in
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            // A leading zero means octal to some resolvers: not accepted, so that nobody can disagree about the address.
            guard part.count == 1 || part.first != 0x30 else { return nil }
            let number = part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            return number <= 255 ? number : nil
        }
        return numbers.count == 4 && numbers[0] == 127
    }
}
