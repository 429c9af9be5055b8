internal import CSystemd
internal import Glibc

/// The service manager's file descriptor store: what is given to it outlives this process, and comes back by its name at the next
/// start (`LISTEN_FDS`). `FileDescriptorStoreMax=` of the unit bounds it; the manager drops what is too much, and says so in the journal.
///
/// Without a service manager every call does nothing and returns false.
package enum DescriptorStore {
    /// The longest name that systemd takes.
    static let maximumNameBytes = 255

    /// Whether a name can be stored: 1 to 255 printable ASCII characters other than the colon (`fdname_is_valid` of systemd).
    package static func isValid(name: String) -> Bool {
        let bytes = name.utf8
        return !bytes.isEmpty && bytes.count <= maximumNameBytes
            && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
    }

    /// Gives a copy of the descriptor to the service manager. The same one under the same name again changes nothing.
    @discardableResult
    package static func keep(_ descriptor: Int32, name: String) -> Bool {
        guard isValid(name: name) else { return false }
        return withUnsafePointer(to: descriptor) { sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDNAME=\(name)", $0, 1) > 0 }
    }

    /// Makes the service manager close everything that it keeps under this name.
    @discardableResult
    package static func drop(name: String) -> Bool {
        guard isValid(name: name) else { return false }
        return sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(name)") > 0
    }
}
