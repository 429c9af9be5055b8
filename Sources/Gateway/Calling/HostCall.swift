internal import Foundation
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Translation
internal import Transport

/// One call as a host makes it, for the command line.
package struct HostCall: Sendable {
    /// A longer request on standard input is refused.
    static let maximumRequest = 64 << 20

    let target: String
    let method: CallableMethod
    let request: [UInt8]
    let metadata: Metadata
    let timeoutSeconds: Double

    package init(target: String, method: String, request: String, metadata: [String], timeoutSeconds: Double) throws(GatewayError)
    {
        self.target = target
        self.method = try CallableMethod.named(method)
        self.request = try self.method.request(json: request == "-" ? Self.standardInput() : request)
        guard timeoutSeconds > 0, timeoutSeconds < 86400 else {
            throw GatewayError(.usage, "the timeout \(timeoutSeconds) makes no sense", remedy: "Give a number of seconds above 0")
        }
        self.timeoutSeconds = timeoutSeconds
        var pairs = Metadata()
        for pair in metadata {
            guard let separator = pair.firstIndex(of: "="), separator != pair.startIndex else {
                throw GatewayError(.usage, "metadata must be given as name=value", remedy: "Write --metadata name=value")
            }
            pairs.append(pair[..<separator].lowercased(), String(pair[pair.index(after: separator)...]))
        }
        self.metadata = pairs
    }

    /// Makes the call, and gives each reply message to `output`.
    package func run(output: @Sendable (ReplyDocument) -> Void) async throws {
        let path = try await socketPath()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let client = try await PluginClient.connect(on: group.next(), to: .unix(path))
            let deadline = NIODeadline.now() + .milliseconds(Int64(timeoutSeconds * 1000))
            if method.streams {
                for try await message in client.serverStream(
                    method.path, ByteBuffer(bytes: request), metadata: metadata, deadline: deadline)
                {
                    output(try method.decode(Array(message.readableBytesView)))
                }
            } else {
                let reply = try await client.unary(
                    method.path, ByteBuffer(bytes: request), metadata: metadata, deadline: deadline)
                let document = try method.decode(Array(reply.message.readableBytesView))
                output(document.adding(losses: reply.trailers.first(LossTrailer.name)))
            }
            await client.close()
        } catch let status as GRPCStatus {
            try? await group.shutdownGracefully()
            throw GatewayError(
                .unavailable,
                "\(method.path.dropFirst()) ended with \(status.code): \(DisplayText.plain(status.message, limit: 2000))",
                remedy: "")
        } catch {
            try? await group.shutdownGracefully()
            throw GatewayError(
                .data, "the reply cannot be read as the reply of \(method.path.dropFirst())",
                remedy: "The plugin must send a valid message",
                cause: DisplayText.plain("\(error)"))
        }
        try? await group.shutdownGracefully()
    }

    /// The target itself when it is a path; else the host socket of the attached plugin with that id.
    private func socketPath() async throws(GatewayError) -> String {
        if target.contains("/") { return target }
        let report = try await ControlClient.status()
        if let found = report.plugins.first(where: { $0.plugin == target || $0.attachment == target }) { return found.hostSocket }
        let known = Set(report.plugins.map(\.plugin)).sorted().joined(separator: ", ")
        throw GatewayError(
            .noInput, "no plugin \(DisplayText.quoted(target)) is attached",
            remedy: known.isEmpty ? "Nothing is attached: let Grafana start the plugin first" : "Attached are: \(known)")
    }

    private static func standardInput() throws(GatewayError) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= maximumRequest else {
                throw GatewayError(.data, "the request is longer than \(maximumRequest) bytes", remedy: "Send a smaller request")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
