internal import Glibc
internal import Telemetry

/// Sockets that systemd opened for us, or kept for us while the service restarted.
struct InheritedSockets {
    /// `FileDescriptorName=` of plugin-gateway.socket.
    static let controlName = "control"

    /// The control socket, when systemd handed it over.
    var control: Int32?
    /// Host sockets of the gateway before this one.
    var hosts: [InheritedHostSocket] = []
    /// What could not be used, in words. It is closed, and no longer kept by systemd.
    var remarks: [String] = []

    /// Takes everything over. To be called before other threads exist.
    ///
    /// - Throws: when there is something that no unit of ours asks for. A host socket that is of no use is no reason not to start.
    static func takeOver() throws(GatewayError) -> InheritedSockets {
        do {
            return try sorted(try PassedDescriptors.takeOver())
        } catch let error as PassedDescriptors.Failure {
            throw GatewayError(.configuration, error.message, remedy: error.remedy)
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.internal, "\(error)", remedy: "")
        }
    }

    private static func sorted(_ passed: PassedDescriptors) throws -> InheritedSockets {
        let stored = passed.named(from: InheritedHostSocket.namePrefix)
        let others = passed.unexpectedNames(besides: Set([controlName] + stored.map(\.name)))
        guard others.isEmpty else {
            throw GatewayError(
                .configuration,
                "systemd handed over sockets that the gateway does not expect: \(others.map { DisplayText.plain($0) }.joined(separator: ", "))",
                remedy: "Leave one ListenStream= with FileDescriptorName=\(controlName) in plugin-gateway.socket")
        }
        var result = InheritedSockets(control: try passed.listener(named: controlName))
        for descriptor in stored { result.add(descriptor) }
        return result
    }

    mutating func add(_ descriptor: PassedDescriptors.Descriptor) {
        let problem: String
        switch InheritedHostSocket.examine(descriptor) {
        case .success(let socket):
            guard let other = hosts.first(where: { $0.name == socket.name || $0.path == socket.path }) else {
                hosts.append(socket)
                return
            }
            problem = "it is there a second time, as \(other.name) at \(other.path)"
        case .failure(let unusable): problem = unusable.problem
        }
        remarks.append("the host socket \(DisplayText.plain(descriptor.name)) that systemd kept is of no use: \(problem)")
        DescriptorStore.drop(name: descriptor.name)
        close(descriptor.number)
        // All of that name are dropped: the first of them goes on being kept.
        if let first = hosts.first(where: { $0.name == descriptor.name }) { first.keep() }
    }
}
