internal import CLinux
internal import ControlProtocol
internal import Foundation
internal import Glibc

/// The command line's side of the control socket: one question, one answer.
package enum ControlClient {
    static let patienceMilliseconds: Int32 = 10_000

    static var socketPath: String {
        ControlSocket.path(variable: getenv(ControlSocket.variable).map { String(cString: $0) })
    }

    /// What is attached to the running gateway.
    package static func status() async throws(GatewayError) -> StatusReport {
        guard case .statusReport(let bytes) = try ask(.status) else { throw unexpected() }
        return try StatusReport.parse(bytes)
    }

    /// Makes the running gateway read its configuration anew.
    ///
    /// - Throws: when the gateway rejects it, with what is wrong and where; it goes on with what it has then.
    package static func reload() async throws(GatewayError) -> ReloadReport {
        // Plugins that finish their calls for an earlier reload come first.
        guard case .reloadReport(let bytes) = try ask(.reload, patience: 90_000) else { throw unexpected() }
        let report = try ReloadReport.parse(bytes)
        if let rejection = report.rejection {
            throw GatewayError(
                .configuration, "the gateway goes on with the configuration that it has: \(rejection.message)",
                remedy: rejection.remedy)
        }
        return report
    }

    /// Starts the plugin or attachment with this id anew.
    /// - Returns: how many attachments are concerned.
    package static func restart(_ id: String) async throws(GatewayError) -> Int {
        guard case .restarted(let restarted) = try ask(.restart(pluginID: id)) else { throw unexpected() }
        return restarted.attachments
    }

    private static func ask(
        _ question: ControlMessage, patience: Int32 = patienceMilliseconds
    ) throws(GatewayError) -> ControlMessage {
        let path = socketPath
        let socket = pg_connect_unix(path)
        guard socket >= 0 else { throw absent(path, errno) }
        defer { close(socket) }
        guard let bytes = try? question.encoded(), write(socket, bytes, bytes.count) == bytes.count else { throw hungUp(path) }
        var decoder = FrameDecoder()
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            do {
                if let frame = try decoder.next() {
                    let answer = try ControlMessage(frame, reader: .client)
                    if case .refused(let refusal) = answer {
                        throw GatewayError(
                            refusal.code == .notAuthorized ? .noPermission : .unavailable, refusal.message, remedy: refusal.remedy
                        )
                    }
                    return answer
                }
            } catch let error as ControlError {
                throw GatewayError(.data, error.message, remedy: error.remedy)
            } catch let error as GatewayError {
                throw error
            } catch {
                throw unexpected()
            }
            var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, patience) > 0 else {
                throw GatewayError(
                    .unavailable, "the gateway at \(path) does not answer", remedy: "Look at `systemctl status plugin-gateway`")
            }
            let count = read(socket, &chunk, chunk.count)
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { throw hungUp(path) }
            decoder.append(chunk[..<count])
        }
    }

    private static func absent(_ path: String, _ reason: Int32) -> GatewayError {
        if reason == EACCES {
            return GatewayError(
                .noPermission, "the control socket \(path) is not open to this user",
                remedy: "Run this as root, as the gateway's user, or as a member of the socket's group")
        }
        return GatewayError(
            .unavailable, "no gateway listens on \(path)",
            remedy: "Start it (systemctl start plugin-gateway.socket), or set \(ControlSocket.variable) to its control socket",
            cause: String(cString: strerror(reason)))
    }

    private static func hungUp(_ path: String) -> GatewayError {
        GatewayError(
            .unavailable, "the gateway at \(path) hung up", remedy: "Look at `journalctl -u plugin-gateway`, and try again")
    }

    private static func unexpected() -> GatewayError {
        GatewayError(
            .data, "the gateway gave an unexpected answer",
            remedy: "Use the plugin-gateway command of the release that is running")
    }
}
