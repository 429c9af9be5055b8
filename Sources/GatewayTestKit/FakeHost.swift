package import NIOCore
package import Transport

/// A host inside the test's own process: calls a host socket as a gRPC client would.
package struct FakeHost: Sendable {
    package let client: PluginClient

    package init(client: PluginClient) {
        self.client = client
    }

    package static func connect(
        on eventLoop: any EventLoop, path: String, limits: TransportLimits = .default
    ) async throws -> FakeHost {
        FakeHost(client: try await PluginClient.connect(on: eventLoop, to: .unix(path), limits: limits))
    }

    package func call(
        _ path: String, _ text: String = "", metadata: Metadata = Metadata(), timeout: TimeAmount? = nil
    ) async throws -> String {
        let reply = try await self.client.unary(
            path, ByteBuffer(string: text), metadata: metadata, deadline: timeout.map { .now() + $0 })
        return String(buffer: reply.message)
    }

    /// The status of a call, OK included.
    package func status(
        _ path: String, _ message: ByteBuffer = ByteBuffer(), metadata: Metadata = Metadata(), timeout: TimeAmount? = nil
    ) async -> GRPCStatus {
        do {
            _ = try await self.client.unary(path, message, metadata: metadata, deadline: timeout.map { .now() + $0 })
            return .ok
        } catch let status as GRPCStatus {
            return status
        } catch {
            return GRPCStatus(code: .unknown, message: "\(error)")
        }
    }

    package func close() async {
        await self.client.close()
    }
}
