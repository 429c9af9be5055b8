/// One message on the wire: a length (four bytes, big-endian, of all that follows), a version, a kind, then tagged fields.
package struct ControlFrame: Sendable, Equatable {
    /// The version of the protocol that this build speaks.
    package static let currentVersion: UInt8 = 1

    static let headerBytes = 2

    package var version: UInt8
    package var kind: UInt8
    package var payload: [UInt8]

    package init(version: UInt8 = ControlFrame.currentVersion, kind: UInt8, payload: [UInt8]) {
        self.version = version
        self.kind = kind
        self.payload = payload
    }

    package func encoded() throws(ControlError) -> [UInt8] {
        let length = payload.count + Self.headerBytes
        guard length <= ControlLimits.messageBytes else { throw .messageTooLong(length) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + length)
        bytes.appendBigEndian(UInt32(length))
        bytes += [version, kind]
        bytes += payload
        return bytes
    }
}

// Payloads hold the plugin's environment.
extension ControlFrame: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "ControlFrame(version: \(version), kind: \(kind), \(payload.count) bytes withheld)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror {
        Mirror(self, children: ["version": version, "kind": kind], displayStyle: .struct)
    }
}
