/// Why a plugin directory may not be attached: nothing was started.
package struct AttachRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// One code for each rule of the attach authority, stable enough for tests, status and the control protocol.
    package enum Code: String, Sendable, CaseIterable {
        /// The directory is not an absolute, plain path (`..`, `.`, empty or over-long parts, NUL).
        case directoryMalformed = "directory-malformed"
        /// The directory lies beneath none of the configured roots.
        case outsideRoots = "outside-roots"
        /// No root is configured.
        case noRoots = "no-roots"
        /// A configured root cannot be opened.
        case rootUnusable = "root-unusable"
        /// A symbolic link lies on the way from the root to the executable.
        case symbolicLink = "symbolic-link"
        /// There is no such directory.
        case directoryMissing = "directory-missing"
        /// What should be a directory is none.
        case notADirectory = "not-a-directory"
        /// The executable's name is no plain relative path.
        case nameMalformed = "name-malformed"
        /// There is no such executable.
        case executableMissing = "executable-missing"
        /// What should be executed is a directory, socket, device or pipe.
        case notARegularFile = "not-a-regular-file"
        /// No executable bit.
        case notExecutable = "not-executable"
        /// It is a locator, which would attach itself, again and again.
        case isLocator = "is-locator"
        /// Set-user-ID or set-group-ID.
        case changesIdentity = "changes-identity"
        /// The executable, or a directory above it, belongs to somebody else than root and the gateway's user.
        case untrustedOwner = "untrusted-owner"
        /// The executable, or a directory above it, can be written by its group or by everybody.
        case writableByOthers = "writable-by-others"
        /// The kernel cannot resolve paths beneath a directory (openat2, Linux 5.6).
        case kernelTooOld = "kernel-too-old"
        /// The gateway has no descriptor left to open it with.
        case outOfDescriptors = "out-of-descriptors"
        /// Any other refusal by the operating system, such as missing permission.
        case unreadable = "unreadable"
    }

    package var code: Code
    /// What happened, naming the file or directory and, where it matters, its owner and mode.
    package var message: String
    /// Which side must change, and to what.
    package var remedy: String

    package init(_ code: Code, _ message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    package var description: String { "\(message) [\(code.rawValue)]; \(remedy)" }
}
