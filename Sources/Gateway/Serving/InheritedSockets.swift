internal import Telemetry

/// Sockets that systemd opened for us.
enum InheritedSockets {
    /// `FileDescriptorName=` of plugin-gateway.socket.
    static let controlName = "control"

    /// The control socket, when systemd handed it over. To be called before other threads exist.
    static func control() throws(GatewayError) -> Int32? {
        do {
            let passed = try PassedDescriptors.takeOver()
            let others = passed.unexpectedNames(besides: [controlName])
            guard others.isEmpty else {
                throw GatewayError(
                    .configuration,
                    "systemd handed over sockets that the gateway does not expect: \(others.map { DisplayText.plain($0) }.joined(separator: ", "))",
                    remedy: "Leave one ListenStream= with FileDescriptorName=\(controlName) in plugin-gateway.socket")
            }
            return try passed.listener(named: controlName)
        } catch let error as PassedDescriptors.Failure {
            throw GatewayError(.configuration, error.message, remedy: error.remedy)
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.internal, "\(error)", remedy: "")
        }
    }
}
