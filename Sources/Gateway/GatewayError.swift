/// A failure that an operator reads: what happened, why, and which side must change to what.
package struct GatewayError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is, and with it the exit code of a command (sysexits).
    package struct Code: Sendable, Equatable, Hashable {
        package let name: String
        /// The exit code of a command that ends with this error (sysexits.h).
        package let exitCode: Int32

        /// The command line is wrong.
        package static let usage = Code(name: "usage", exitCode: 64)
        /// What was given to work on is wrong: a directory, a message, a file.
        package static let data = Code(name: "data", exitCode: 65)
        /// A file or directory is missing.
        package static let noInput = Code(name: "no-input", exitCode: 66)
        /// The gateway, a plugin or a socket is not there.
        package static let unavailable = Code(name: "unavailable", exitCode: 69)
        /// Our own defect, or the system refused something that it should not.
        package static let `internal` = Code(name: "internal", exitCode: 70)
        /// The system refused: permissions.
        package static let noPermission = Code(name: "no-permission", exitCode: 77)
        /// The configuration is wrong.
        package static let configuration = Code(name: "configuration", exitCode: 78)
    }

    package var code: Code
    /// What happened.
    package var message: String
    /// Which side must change, and to what.
    package var remedy: String
    /// What the layer below said, when that helps.
    package var cause: String?

    package init(_ code: Code, _ message: String, remedy: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var description: String {
        var text = message
        if let cause { text += " (\(cause))" }
        if !remedy.isEmpty { text += ". \(remedy)" }
        return text
    }
}
