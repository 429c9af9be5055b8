internal import CSystemd
internal import Glibc

/// The sockets that systemd opened for this process, by the names of their units (`FileDescriptorName=`).
package struct PassedDescriptors: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var message: String
        package var remedy: String
        package var description: String { "\(message). \(remedy)" }
    }

    package struct Descriptor: Sendable, Equatable {
        package var name: String
        package var number: Int32
    }

    package private(set) var all: [Descriptor]

    /// Takes over what was passed; each descriptor is close-on-exec from then on.
    ///
    /// To be called once and before other threads exist, as it removes `LISTEN_*` from the environment.
    ///
    /// - Throws: ``Failure`` when the variables are there but make no sense.
    package static func takeOver() throws(Failure) -> PassedDescriptors {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        defer { free(names) }
        guard count >= 0 else {
            throw Failure(
                message: "LISTEN_PID, LISTEN_FDS or LISTEN_FDNAMES cannot be read: \(String(cString: strerror(-count)))",
                remedy: "Unset them, or let systemd set them")
        }
        var all: [Descriptor] = []
        for index in 0..<Int(count) {
            var name = "unknown"
            if let text = names?[index] {
                name = String(cString: text)
                free(text)
            }
            all.append(Descriptor(name: name, number: SD_LISTEN_FDS_START + Int32(index)))
        }
        return PassedDescriptors(all: all)
    }

    /// The one listening unix stream socket with this name, or nil when there is none.
    ///
    /// - Throws: ``Failure`` when there are several, or it is something else.
    package func listener(named name: String) throws(Failure) -> Int32? {
        let matching = all.filter { $0.name == name }
        guard let first = matching.first else { return nil }
        guard matching.count == 1 else {
            throw Failure(
                message: "systemd passed \(matching.count) descriptors named \"\(name)\"",
                remedy: "Leave one ListenStream= with FileDescriptorName=\(name) in plugin-gateway.socket")
        }
        guard Self.isListener(first.number) else {
            throw Failure(
                message: "the descriptor \"\(name)\" from systemd is not a listening unix stream socket",
                remedy: "Set ListenStream= of plugin-gateway.socket to a path")
        }
        return first.number
    }

    /// Whether a descriptor is a listening unix stream socket.
    package static func isListener(_ descriptor: Int32) -> Bool {
        sd_is_socket_unix(descriptor, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0
    }

    /// Those whose names begin so: what an earlier process of the service gave to a ``DescriptorStore``.
    package func named(from prefix: String) -> [Descriptor] {
        all.filter { $0.name.hasPrefix(prefix) }
    }

    /// Names that are not among `known`: a socket unit that this version does not serve.
    package func unexpectedNames(besides known: Set<String>) -> [String] {
        all.map(\.name).filter { !known.contains($0) }
    }
}
