/// Why a socket could not be opened.
package struct SocketError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case pathTooLong, notASocket, inUse, notPermitted, system
    }

    package var code: Code
    /// What happened, and to which path.
    package var message: String
    /// Which side must change, and to what.
    package var remedy: String
    /// The error number of the operating system, where it gave one.
    package var errno: Int32?

    package var description: String { "\(self.message); \(self.remedy)" }
}
